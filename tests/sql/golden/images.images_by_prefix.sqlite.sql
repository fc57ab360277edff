SELECT image.id, image.namespace_id, image.digest, image.media_type, image.size, image.content_size,
    image.created_at, image.entered_at
FROM image
WHERE image.namespace_id = :namespace
  AND image.digest >= :lower
  AND image.digest <= :upper
  AND length(image.digest) = 32
ORDER BY image.digest
LIMIT :limit OFFSET :param_1
