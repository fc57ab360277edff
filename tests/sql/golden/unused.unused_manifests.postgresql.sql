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
    LIMIT :param_1::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM candidate
    WHERE candidate.namespace_id = :namespace::BIGINT
      AND candidate.manifest_id = manifest.id
    LIMIT :param_2::INTEGER
) IS NULL
