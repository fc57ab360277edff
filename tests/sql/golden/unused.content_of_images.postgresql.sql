SELECT image_manifest.manifest_id, NULL AS document_id
FROM image_manifest
WHERE image_manifest.image_id = ANY (:images::BIGINT[])
  AND image_manifest.is_present
UNION ALL
SELECT NULL AS anon_1, image_index.document_id
FROM image_index
WHERE image_index.image_id = ANY (:images::BIGINT[])
