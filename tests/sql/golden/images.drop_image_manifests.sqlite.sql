UPDATE image_manifest
SET is_present=:is_present, path=:path
WHERE image_manifest.image_id = :image
  AND image_manifest.manifest_id IN (
    SELECT anon_1.value
    FROM json_each(:manifests) AS anon_1
)
  AND image_manifest.is_present = 1
