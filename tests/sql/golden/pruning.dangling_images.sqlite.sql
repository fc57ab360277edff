SELECT image.id, image.digest
FROM image
WHERE image.namespace_id = :namespace
  AND image.digest > :after
  AND (
    SELECT 1
    FROM reference
    WHERE reference.image_id = image.id
    LIMIT :param_1 OFFSET :param_2
) IS NULL
ORDER BY image.digest
LIMIT :limit OFFSET :param_3
