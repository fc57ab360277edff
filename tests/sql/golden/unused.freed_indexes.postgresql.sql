SELECT document.digest, document.media_type, document.size
FROM document
WHERE document.id = ANY (:documents::BIGINT[])
  AND (
    SELECT 1
    FROM image_index
    JOIN image ON image.id = image_index.image_id
    WHERE image_index.document_id = document.id
      AND image.namespace_id = :namespace::BIGINT
      AND NOT image.id = ANY (:leaving::BIGINT[])
    LIMIT :param_1::INTEGER
) IS NULL
