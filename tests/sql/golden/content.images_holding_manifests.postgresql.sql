SELECT DISTINCT image_manifest.image_id
FROM image_manifest
WHERE image_manifest.manifest_id = ANY (:manifests::BIGINT[])
  AND image_manifest.is_present
ORDER BY image_manifest.image_id
