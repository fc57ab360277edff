UPDATE container
SET image_id=:image::BIGINT
WHERE container.id = :container::BIGINT
