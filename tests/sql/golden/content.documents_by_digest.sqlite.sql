SELECT document.id, document.digest
FROM document
WHERE document.digest IN (:digests)
ORDER BY document.digest
