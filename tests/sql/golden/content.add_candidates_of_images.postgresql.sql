INSERT INTO candidate (namespace_id, manifest_id, document_id)
SELECT image_manifest.namespace_id, image_manifest.manifest_id, NULL AS document_id
FROM image_manifest
WHERE image_manifest.image_id = ANY (:images::BIGINT[])
  AND image_manifest.is_present
UNION ALL
SELECT image.namespace_id, NULL AS anon_1, image_index.document_id
FROM image_index
JOIN image ON image.id = image_index.image_id
WHERE image_index.image_id = ANY (:images::BIGINT[])
