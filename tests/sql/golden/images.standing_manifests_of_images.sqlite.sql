SELECT image_manifest.image_id, manifest.id, image_manifest.platform, manifest.created_at
FROM image_manifest
JOIN manifest ON image_manifest.manifest_id = manifest.id
WHERE image_manifest.image_id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
  AND image_manifest.is_present = 1
  AND image_manifest.kind = :kind_1
ORDER BY image_manifest.image_id, image_manifest.position
