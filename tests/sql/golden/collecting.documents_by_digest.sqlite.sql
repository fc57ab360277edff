SELECT document.id
FROM document
WHERE document.digest IN (:digests)
