SELECT container.image_id
FROM container
WHERE container.host_id = (
    SELECT host.id
    FROM host
    WHERE host.name = :host::VARCHAR COLLATE "C"
)
  AND container.image_id IS NOT NULL
UNION
SELECT container_mount.image_id
FROM container_mount
JOIN container ON container.id = container_mount.container_id
WHERE container.host_id = (
    SELECT host.id
    FROM host
    WHERE host.name = :host::VARCHAR COLLATE "C"
)
  AND container_mount.image_id IS NOT NULL
