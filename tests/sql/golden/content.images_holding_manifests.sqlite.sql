SELECT DISTINCT image_manifest.image_id
FROM image_manifest
WHERE image_manifest.manifest_id IN (:manifests)
  AND image_manifest.is_present = 1
ORDER BY image_manifest.image_id
