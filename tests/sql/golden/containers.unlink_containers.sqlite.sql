UPDATE container
SET image_id=:image_id
WHERE container.image_id IN (:images)
