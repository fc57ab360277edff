SELECT container_mount.container_id, container_mount.source, container_mount.target,
    container_mount.image_digest, container_mount.image_id
FROM container_mount
WHERE container_mount.container_id = ANY (:containers::BIGINT[])
ORDER BY container_mount.container_id, container_mount.position
