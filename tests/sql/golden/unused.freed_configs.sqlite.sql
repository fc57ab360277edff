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
          AND NOT (image_manifest.image_id IN (
            SELECT anon_2.value
            FROM json_each(:leaving) AS anon_2
        ) AND image_manifest.manifest_id IN (
            SELECT anon_3.value
            FROM json_each(:dropped) AS anon_3
        ))
        LIMIT :param_1 OFFSET :param_2
    ) IS NOT NULL
    LIMIT :param_3 OFFSET :param_4
) IS NULL
