UPDATE container
SET image_id=:image_id::BIGINT
WHERE container.image_id = ANY (:images::BIGINT[])
