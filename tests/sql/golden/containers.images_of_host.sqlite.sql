SELECT container.image_id
FROM container
WHERE container.host_id = (
    SELECT host.id
    FROM host
    WHERE host.name = :host
)
  AND container.image_id IS NOT NULL
UNION
SELECT container_mount.image_id
FROM container_mount
WHERE container_mount.container_id IN (
    SELECT container.id
    FROM container
    WHERE container.host_id = (
        SELECT host.id
        FROM host
        WHERE host.name = :host
    )
)
  AND container_mount.image_id IS NOT NULL
