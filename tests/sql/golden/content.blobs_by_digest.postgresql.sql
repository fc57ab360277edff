SELECT blob.id, blob.digest
FROM blob
WHERE blob.digest = ANY (:digests::BYTEA[])
ORDER BY blob.digest
FOR KEY SHARE
