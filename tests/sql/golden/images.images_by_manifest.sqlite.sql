SELECT manifest.digest, image.id
FROM manifest
JOIN image_manifest ON image_manifest.manifest_id = manifest.id
JOIN image ON image.id = image_manifest.image_id
WHERE manifest.digest IN (:digests)
  AND image_manifest.namespace_id = :namespace
  AND image_manifest.is_present = 1
  AND image_manifest.kind = :kind_1
ORDER BY image.digest
