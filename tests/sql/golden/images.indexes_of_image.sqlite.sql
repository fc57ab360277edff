SELECT image_index.document_id
FROM image_index
WHERE image_index.image_id = :image
ORDER BY image_index.position
