SELECT reference.name, reference.image_id
FROM reference
WHERE reference.namespace_id = :namespace
  AND reference.name IN (
    SELECT anon_1.value
    FROM json_each(:names) AS anon_1
)
ORDER BY reference.name
