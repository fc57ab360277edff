SELECT DISTINCT image_manifest.platform, image_manifest.path
FROM image_manifest
WHERE image_manifest.image_id = :image
  AND image_manifest.path IS NOT NULL
ORDER BY image_manifest.platform, image_manifest.path
