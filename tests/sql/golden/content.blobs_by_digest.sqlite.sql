SELECT blob.id, blob.digest
FROM blob
WHERE blob.digest IN (:digests)
ORDER BY blob.digest
