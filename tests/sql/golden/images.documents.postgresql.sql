SELECT document.id, document.digest, document.media_type, document.size, document.body
FROM document
WHERE document.id = ANY (:documents::BIGINT[])
