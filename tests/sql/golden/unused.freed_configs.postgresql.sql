SELECT document.digest, document.media_type, document.size
FROM document
WHERE document.id = ANY (:documents::BIGINT[])
  AND (
    SELECT 1
    FROM manifest AS other
    JOIN image_manifest ON image_manifest.manifest_id = other.id
      AND image_manifest.namespace_id = :namespace::BIGINT
      AND image_manifest.is_present
      AND NOT (image_manifest.image_id = ANY (:leaving::BIGINT[]) AND image_manifest.manifest_id =
          ANY (:dropped::BIGINT[]))
    WHERE other.config_id = document.id
    LIMIT :param_1::INTEGER
) IS NULL
