SELECT reference.image_id, reference.name
FROM reference
WHERE reference.image_id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
ORDER BY reference.name
