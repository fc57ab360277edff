SELECT manifest.id, manifest.digest
FROM manifest
WHERE manifest.digest = ANY (:digests::BYTEA[])
ORDER BY manifest.digest
FOR KEY SHARE
