UPDATE image_manifest
SET is_present=:is_present, path=:path
WHERE image_manifest.image_id = :image
  AND image_manifest.manifest_id IN (:manifests)
  AND image_manifest.is_present = 1
