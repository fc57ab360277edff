SELECT document.digest, document.media_type, document.size
FROM document
WHERE document.id = ANY (:documents::BIGINT[])
  AND (
    SELECT 1
    FROM image_index
    JOIN image ON image.id = image_index.image_id
    WHERE image_index.document_id = document.id
      AND image.namespace_id = :namespace::BIGINT
    LIMIT :param_1::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM candidate
    WHERE candidate.namespace_id = :namespace::BIGINT
      AND candidate.document_id = document.id
    LIMIT :param_2::INTEGER
) IS NULL
