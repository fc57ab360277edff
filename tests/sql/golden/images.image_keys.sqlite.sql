SELECT image.id
FROM image
WHERE image.namespace_id = :namespace
