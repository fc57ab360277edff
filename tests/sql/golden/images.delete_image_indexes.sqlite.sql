DELETE FROM image_index
WHERE image_index.image_id = :image
