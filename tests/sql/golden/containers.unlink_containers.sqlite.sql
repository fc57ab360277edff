UPDATE container
SET image_id=:image_id
WHERE container.image_id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
