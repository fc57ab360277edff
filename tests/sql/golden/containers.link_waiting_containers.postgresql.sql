UPDATE container
SET image_id=:image::BIGINT
WHERE container.image_id IS NULL
  AND container.image_digest IS NOT NULL
  AND container.namespace_id = :namespace::BIGINT
  AND container.image_digest = ANY (:digests::BYTEA[])
