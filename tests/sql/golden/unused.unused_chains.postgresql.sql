SELECT prefix.path, layer.diff_id, CASE WHEN (
    (
        SELECT 1
        FROM manifest_layer AS other_layer
        JOIN manifest AS other ON other.id = other_layer.manifest_id
        WHERE other_layer.layer_id = prefix.layer_id
          AND other_layer.position = prefix.position
          AND substr(other.path, :substr_1::INTEGER, (prefix.position + :position_1::INTEGER) *
              :param_1::INTEGER) = prefix.path
          AND (
            SELECT 1
            FROM image_manifest
            WHERE image_manifest.manifest_id = other.id
              AND image_manifest.namespace_id = :namespace::BIGINT
              AND image_manifest.is_present
              AND image_manifest.kind = :kind_1::VARCHAR COLLATE "C"
            LIMIT :param_2::INTEGER
        ) IS NOT NULL
        LIMIT :param_3::INTEGER
    ) IS NULL
) THEN (
    SELECT 1
    FROM manifest_layer AS other_layer
    JOIN manifest AS other ON other.id = other_layer.manifest_id
    WHERE other_layer.layer_id = prefix.layer_id
      AND other_layer.position = prefix.position
      AND substr(other.path, :substr_1::INTEGER, (prefix.position + :position_1::INTEGER) *
          :param_1::INTEGER) = prefix.path
      AND (
        SELECT 1
        FROM candidate
        WHERE candidate.namespace_id = :namespace::BIGINT
          AND candidate.manifest_id = other.id
        LIMIT :param_4::INTEGER
    ) IS NOT NULL
    LIMIT :param_5::INTEGER
) IS NULL ELSE false END AS is_unused
FROM (
    SELECT DISTINCT substr(manifest.path, :substr_2::INTEGER, (manifest_layer.position +
        :position_2::INTEGER) * :param_6::INTEGER) AS path, manifest_layer.position AS position,
        manifest_layer.layer_id AS layer_id
    FROM manifest_layer
    JOIN manifest ON manifest_layer.manifest_id = manifest.id
    WHERE manifest.id = ANY (:manifests::BIGINT[])
      AND manifest.path IS NOT NULL
) AS prefix
JOIN layer ON prefix.layer_id = layer.id
ORDER BY prefix.position, prefix.path
