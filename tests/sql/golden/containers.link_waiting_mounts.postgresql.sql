UPDATE container_mount
SET image_id=:image::BIGINT
WHERE container_mount.image_id IS NULL
  AND container_mount.image_digest IS NOT NULL
  AND container_mount.namespace_id = :namespace::BIGINT
  AND container_mount.image_digest = ANY (:digests::BYTEA[])
