DELETE FROM container_mount
WHERE container_mount.container_id IN (
    SELECT anon_1.value
    FROM json_each(:containers) AS anon_1
)
