SELECT image_manifest.image_id, image_manifest.platform, image_manifest.path
FROM image_manifest
WHERE image_manifest.path IS NOT NULL
  AND image_manifest.platform IS NOT NULL
  AND image_manifest.namespace_id = :namespace::BIGINT
ORDER BY image_manifest.platform, image_manifest.path, image_manifest.image_id
