SELECT container_mount.position, container_mount.namespace_id, container_mount.source,
    container_mount.target, container_mount.image_digest, container_mount.image_id
FROM container_mount
WHERE container_mount.container_id = :container::BIGINT
ORDER BY container_mount.position
