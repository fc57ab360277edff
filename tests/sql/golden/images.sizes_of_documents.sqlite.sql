SELECT document.id, document.size
FROM document
WHERE document.id IN (
    SELECT anon_1.value
    FROM json_each(:documents) AS anon_1
)
