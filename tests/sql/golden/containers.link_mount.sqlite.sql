UPDATE container_mount
SET image_id=:image
WHERE container_mount.container_id = :container
  AND container_mount.position = :at
