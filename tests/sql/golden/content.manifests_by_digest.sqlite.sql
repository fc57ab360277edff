SELECT manifest.id, manifest.digest
FROM manifest
WHERE manifest.digest IN (:digests)
ORDER BY manifest.digest
