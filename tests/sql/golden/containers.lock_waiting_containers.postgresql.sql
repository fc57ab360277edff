SELECT container.id AS container, container.image_digest, container.reference AS typed
FROM container
WHERE container.image_id IS NULL
  AND container.image_digest IS NOT NULL
  AND container.namespace_id = :namespace::BIGINT
  AND container.image_digest = ANY (:digests::BYTEA[])
ORDER BY container.id
FOR UPDATE
