DELETE FROM reference
WHERE reference.namespace_id = :namespace
  AND reference.name IN (
    SELECT anon_1.value
    FROM json_each(:names) AS anon_1
)
  AND reference.image_id IN (
    SELECT anon_2.value
    FROM json_each(:images) AS anon_2
)
