SELECT reference.name, reference.image_id
FROM reference
WHERE reference.namespace_id = :namespace::BIGINT
  AND reference.name = ANY (:names::TEXT[] COLLATE "C")
ORDER BY reference.name
FOR UPDATE
