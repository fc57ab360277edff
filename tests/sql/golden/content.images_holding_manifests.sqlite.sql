SELECT DISTINCT image_manifest.image_id
FROM image_manifest
WHERE image_manifest.manifest_id IN (
    SELECT anon_1.value
    FROM json_each(:manifests) AS anon_1
)
  AND image_manifest.is_present = 1
ORDER BY image_manifest.image_id
