DELETE FROM reference
WHERE reference.namespace_id = :namespace::BIGINT
  AND reference.name = ANY (:names::TEXT[] COLLATE "C")
  AND reference.image_id = ANY (:images::BIGINT[])
