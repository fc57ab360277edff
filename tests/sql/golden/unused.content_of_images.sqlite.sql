SELECT image_manifest.manifest_id, NULL AS document_id
FROM image_manifest
WHERE image_manifest.image_id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
  AND image_manifest.is_present = 1
UNION ALL
SELECT NULL AS anon_2, image_index.document_id
FROM image_index
WHERE image_index.image_id IN (
    SELECT anon_3.value
    FROM json_each(:images) AS anon_3
)
