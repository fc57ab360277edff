SELECT image.digest, image.id
FROM image
WHERE image.namespace_id = :namespace::BIGINT
  AND image.digest = ANY (:digests::BYTEA[])
