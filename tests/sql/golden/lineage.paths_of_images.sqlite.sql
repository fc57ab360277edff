SELECT image_manifest.image_id, image_manifest.platform, image_manifest.path
FROM image_manifest
WHERE image_manifest.path IS NOT NULL
  AND image_manifest.platform IS NOT NULL
  AND image_manifest.image_id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
ORDER BY image_manifest.platform, image_manifest.path, image_manifest.image_id
