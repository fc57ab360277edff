SELECT document.digest, document.media_type, document.size
FROM document
WHERE document.id IN (
    SELECT anon_1.value
    FROM json_each(:documents) AS anon_1
)
  AND (
    SELECT 1
    FROM image_index
    JOIN image ON image.id = image_index.image_id
    WHERE image_index.document_id = document.id
      AND image.namespace_id = :namespace
    LIMIT :param_1 OFFSET :param_2
) IS NULL
  AND (
    SELECT 1
    FROM candidate
    WHERE candidate.namespace_id = :namespace
      AND candidate.document_id = document.id
    LIMIT :param_3 OFFSET :param_4
) IS NULL
