SELECT reference.image_id, reference.name
FROM reference
WHERE reference.image_id = ANY (:images::BIGINT[])
ORDER BY reference.name
