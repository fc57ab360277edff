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
WHERE container_mount.container_id = ANY (ARRAY(
    SELECT container.id
    FROM container
    WHERE container.host_id = (
        SELECT host.id
        FROM host
        WHERE host.name = :host::VARCHAR COLLATE "C"
    )
))
  AND container_mount.image_id IS NOT NULL
