SELECT prefix.path, layer.diff_id, CASE WHEN (
    (
        SELECT 1
        FROM manifest_layer AS other_layer
        JOIN manifest AS other ON other.id = other_layer.manifest_id
        WHERE other_layer.layer_id = prefix.layer_id
          AND other_layer.position = prefix.position
          AND substr(other.path, :substr_1, (prefix.position + :position_1) * :param_1) =
              prefix.path
          AND (
            SELECT 1
            FROM image_manifest
            WHERE image_manifest.manifest_id = other.id
              AND image_manifest.namespace_id = :namespace
              AND image_manifest.is_present = 1
              AND NOT (image_manifest.image_id IN (
                SELECT anon_1.value
                FROM json_each(:leaving) AS anon_1
            ) AND image_manifest.manifest_id IN (
                SELECT anon_2.value
                FROM json_each(:dropped) AS anon_2
            ))
              AND image_manifest.kind = :kind_1
            LIMIT :param_2 OFFSET :param_3
        ) IS NOT NULL
        LIMIT :param_4 OFFSET :param_5
    ) IS NULL
) THEN 1 ELSE 0 END AS is_unused
FROM (
    SELECT DISTINCT substr(manifest.path, :substr_2, (manifest_layer.position + :position_2) *
        :param_6) AS path, manifest_layer.position AS position, manifest_layer.layer_id AS layer_id
    FROM manifest_layer
    JOIN manifest ON manifest_layer.manifest_id = manifest.id
    WHERE manifest.id IN (
        SELECT anon_3.value
        FROM json_each(:manifests) AS anon_3
    )
      AND manifest.path IS NOT NULL
) AS prefix
JOIN layer ON prefix.layer_id = layer.id
ORDER BY prefix.position, prefix.path
