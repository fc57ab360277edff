SELECT image_index.document_id
FROM image_index
WHERE image_index.image_id = :image::BIGINT
ORDER BY image_index.position
