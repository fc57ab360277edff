UPDATE image
SET created_at=:created::TIMESTAMP WITH TIME ZONE, content_size=:content_size::BIGINT
WHERE image.id = :image::BIGINT
