UPDATE container
SET image_id=:image
WHERE container.id = :container
