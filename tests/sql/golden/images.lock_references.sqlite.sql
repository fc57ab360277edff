SELECT reference.image_id, reference.name
FROM reference
WHERE reference.image_id IN (:images)
ORDER BY reference.name
