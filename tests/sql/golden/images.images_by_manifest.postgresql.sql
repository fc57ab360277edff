SELECT manifest.digest, image.id
FROM manifest
JOIN image_manifest ON image_manifest.manifest_id = manifest.id
JOIN image ON image.id = image_manifest.image_id
WHERE manifest.digest = ANY (:digests::BYTEA[])
  AND image_manifest.namespace_id = :namespace::BIGINT
  AND image_manifest.is_present
  AND image_manifest.kind = :kind_1::VARCHAR COLLATE "C"
ORDER BY image.digest
