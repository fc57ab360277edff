SELECT image.id, image.namespace_id, image.digest, image.media_type, image.size, image.content_size,
    image.created_at, image.entered_at
FROM image
WHERE image.id IN (:images)
ORDER BY image.id
