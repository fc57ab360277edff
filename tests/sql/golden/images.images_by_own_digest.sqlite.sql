SELECT image.digest, image.id
FROM image
WHERE image.namespace_id = :namespace
  AND image.digest IN (:digests)
