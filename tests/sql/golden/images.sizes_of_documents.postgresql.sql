SELECT document.id, document.size
FROM document
WHERE document.id = ANY (:documents::BIGINT[])
