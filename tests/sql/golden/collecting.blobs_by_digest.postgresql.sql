SELECT blob.id
FROM blob
WHERE blob.digest = ANY (:digests::BYTEA[])
