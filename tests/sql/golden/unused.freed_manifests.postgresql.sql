SELECT manifest.id, manifest.digest, manifest.media_type, manifest.size, manifest.config_id
FROM manifest
WHERE manifest.id = ANY (:manifests::BIGINT[])
  AND manifest.document_id IS NOT NULL
  AND (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.manifest_id = manifest.id
      AND image_manifest.namespace_id = :namespace::BIGINT
      AND image_manifest.is_present
      AND NOT (image_manifest.image_id = ANY (:leaving::BIGINT[]) AND image_manifest.manifest_id =
          ANY (:dropped::BIGINT[]))
    LIMIT :param_1::INTEGER
) IS NULL
