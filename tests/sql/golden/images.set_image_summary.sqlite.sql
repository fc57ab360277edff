UPDATE image
SET created_at=:created, content_size=:content_size
WHERE image.id = :image
