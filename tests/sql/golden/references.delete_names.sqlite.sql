DELETE FROM reference
WHERE reference.namespace_id = :namespace
  AND reference.name IN (:names)
  AND reference.image_id IN (:images)
