UPDATE image_manifest
SET is_present=:is_present, path=:path
WHERE image_manifest.image_id = :image::BIGINT
  AND image_manifest.manifest_id = ANY (:manifests::BIGINT[])
  AND image_manifest.is_present
