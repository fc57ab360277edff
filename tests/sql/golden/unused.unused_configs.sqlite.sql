SELECT document.digest, document.media_type, document.size
FROM document
WHERE document.id IN (
    SELECT anon_1.value
    FROM json_each(:documents) AS anon_1
)
  AND (
    SELECT 1
    FROM manifest AS other
    WHERE other.config_id = document.id
      AND (
        SELECT 1
        FROM image_manifest
        WHERE image_manifest.manifest_id = other.id
          AND image_manifest.namespace_id = :namespace
          AND image_manifest.is_present = 1
        LIMIT :param_1 OFFSET :param_2
    ) IS NOT NULL
    LIMIT :param_3 OFFSET :param_4
) IS NULL
  AND (
    SELECT 1
    FROM manifest AS other
    WHERE other.config_id = document.id
      AND (
        SELECT 1
        FROM candidate
        WHERE candidate.namespace_id = :namespace
          AND candidate.manifest_id = other.id
        LIMIT :param_5 OFFSET :param_6
    ) IS NOT NULL
    LIMIT :param_7 OFFSET :param_8
) IS NULL
