INSERT INTO candidate (namespace_id, manifest_id, document_id)
SELECT image_manifest.namespace_id, image_manifest.manifest_id, NULL AS document_id
FROM image_manifest
WHERE image_manifest.image_id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
  AND image_manifest.is_present = 1
UNION ALL
SELECT image.namespace_id, NULL AS anon_2, image_index.document_id
FROM image_index
JOIN image ON image.id = image_index.image_id
WHERE image_index.image_id IN (
    SELECT anon_3.value
    FROM json_each(:images) AS anon_3
)
