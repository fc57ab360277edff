SELECT manifest.id
FROM manifest
WHERE manifest.digest = ANY (:digests::BYTEA[])
