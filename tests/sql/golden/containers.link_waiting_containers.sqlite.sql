UPDATE container
SET image_id=:image
WHERE container.image_id IS NULL
  AND container.image_digest IS NOT NULL
  AND container.namespace_id = :namespace
  AND container.image_digest IN (:digests)
