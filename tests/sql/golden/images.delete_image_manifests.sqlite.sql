DELETE FROM image_manifest
WHERE image_manifest.image_id = :image
