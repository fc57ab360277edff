SELECT (
    SELECT container.container_id
    FROM container
    WHERE container.id = container_mount.container_id
) AS container, container_mount.position, container_mount.namespace_id, container_mount.source,
    container_mount.target, container_mount.image_digest, container_mount.image_id
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
ORDER BY container_mount.container_id, container_mount.position
