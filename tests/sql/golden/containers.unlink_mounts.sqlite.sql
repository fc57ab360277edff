UPDATE container_mount
SET image_id=:image_id
WHERE container_mount.image_id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
