SELECT document.id, document.digest, document.media_type, document.size, document.body
FROM document
WHERE document.id IN (
    SELECT anon_1.value
    FROM json_each(:documents) AS anon_1
)
