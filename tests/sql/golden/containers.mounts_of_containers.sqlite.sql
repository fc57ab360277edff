SELECT container_mount.container_id, container_mount.source, container_mount.target,
    container_mount.image_digest, container_mount.image_id
FROM container_mount
WHERE container_mount.container_id IN (
    SELECT anon_1.value
    FROM json_each(:containers) AS anon_1
)
ORDER BY container_mount.container_id, container_mount.position
