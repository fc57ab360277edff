SELECT document.id
FROM document
WHERE document.digest = ANY (:digests::BYTEA[])
