SELECT blob.id
FROM blob
WHERE blob.digest IN (:digests)
