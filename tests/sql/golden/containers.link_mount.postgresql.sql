UPDATE container_mount
SET image_id=:image::BIGINT
WHERE container_mount.container_id = :container::BIGINT
  AND container_mount.position = :at::INTEGER
