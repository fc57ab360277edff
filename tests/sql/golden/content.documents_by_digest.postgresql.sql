SELECT document.id, document.digest
FROM document
WHERE document.digest = ANY (:digests::BYTEA[])
ORDER BY document.digest
FOR KEY SHARE
