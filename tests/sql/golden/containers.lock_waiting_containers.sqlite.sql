SELECT container.id AS container, container.image_digest, container.reference AS typed
FROM container
WHERE container.image_id IS NULL
  AND container.image_digest IS NOT NULL
  AND container.namespace_id = :namespace
  AND container.image_digest IN (:digests)
ORDER BY container.id
