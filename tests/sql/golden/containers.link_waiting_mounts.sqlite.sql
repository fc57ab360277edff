UPDATE container_mount
SET image_id=:image
WHERE container_mount.image_id IS NULL
  AND container_mount.image_digest IS NOT NULL
  AND container_mount.namespace_id = :namespace
  AND container_mount.image_digest IN (:digests)
