SELECT image_manifest.image_id, manifest.id, image_manifest.platform, manifest.created_at
FROM image_manifest
JOIN manifest ON image_manifest.manifest_id = manifest.id
WHERE image_manifest.image_id = ANY (:images::BIGINT[])
  AND image_manifest.is_present
  AND image_manifest.kind = :kind_1::VARCHAR COLLATE "C"
ORDER BY image_manifest.image_id, image_manifest.position
