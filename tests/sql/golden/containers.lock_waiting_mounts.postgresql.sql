SELECT container_mount.container_id AS container, container_mount.position AS at,
    container_mount.image_digest, container_mount.source AS typed
FROM container_mount
WHERE container_mount.image_id IS NULL
  AND container_mount.image_digest IS NOT NULL
  AND container_mount.namespace_id = :namespace::BIGINT
  AND container_mount.image_digest = ANY (:digests::BYTEA[])
ORDER BY container_mount.container_id, container_mount.position
FOR UPDATE
