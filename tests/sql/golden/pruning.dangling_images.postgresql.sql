SELECT image.id, image.digest
FROM image
WHERE image.namespace_id = :namespace::BIGINT
  AND image.digest > :after
  AND (
    SELECT 1
    FROM reference
    WHERE reference.image_id = image.id
    LIMIT :param_1::INTEGER
) IS NULL
ORDER BY image.digest
LIMIT :limit::INTEGER
