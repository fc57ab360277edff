UPDATE container_mount
SET image_id=:image_id
WHERE container_mount.image_id IN (:images)
