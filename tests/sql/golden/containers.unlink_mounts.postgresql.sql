UPDATE container_mount
SET image_id=:image_id::BIGINT
WHERE container_mount.image_id = ANY (:images::BIGINT[])
