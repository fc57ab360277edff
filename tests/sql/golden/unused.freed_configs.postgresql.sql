SELECT document.digest, document.media_type, document.size
FROM document
WHERE document.id = ANY (:documents::BIGINT[])
  AND (
    SELECT 1
    FROM manifest AS other
    WHERE other.config_id = document.id
      AND (
        SELECT 1
        FROM image_manifest
        WHERE image_manifest.manifest_id = other.id
          AND image_manifest.namespace_id = :namespace::BIGINT
          AND image_manifest.is_present
          AND NOT (image_manifest.image_id = ANY (:leaving::BIGINT[]) AND image_manifest.manifest_id
              = ANY (:dropped::BIGINT[]))
        LIMIT :param_1::INTEGER
    ) IS NOT NULL
    LIMIT :param_2::INTEGER
) IS NULL
