SELECT reference.name, reference.image_id
FROM reference
WHERE reference.namespace_id = :namespace::BIGINT
  AND reference.name > :after::VARCHAR COLLATE "C"
ORDER BY reference.name
LIMIT :limit::INTEGER
