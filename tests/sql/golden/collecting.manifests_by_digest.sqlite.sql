SELECT manifest.id
FROM manifest
WHERE manifest.digest IN (:digests)
