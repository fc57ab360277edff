SELECT reference.name, reference.image_id
FROM reference
WHERE reference.namespace_id = :namespace
  AND reference.name IN (:names)
ORDER BY reference.name
