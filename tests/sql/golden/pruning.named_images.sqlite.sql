SELECT reference.name, reference.image_id
FROM reference
WHERE reference.namespace_id = :namespace
  AND reference.name > :after
ORDER BY reference.name
LIMIT :limit OFFSET :param_1
