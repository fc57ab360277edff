SELECT image.id, image.namespace_id, image.digest, image.media_type, image.size, image.content_size,
    image.created_at, image.entered_at
FROM reference
JOIN image ON reference.image_id = image.id
WHERE reference.namespace_id = :namespace
  AND reference.name = :name
