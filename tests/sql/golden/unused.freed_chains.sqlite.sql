SELECT manifest_layer.manifest_id, layer.diff_id, CASE WHEN (
    (
        SELECT 1
        FROM manifest_layer AS other_layer
        JOIN image_manifest ON image_manifest.manifest_id = other_layer.manifest_id
          AND image_manifest.namespace_id = :namespace
          AND image_manifest.is_present = 1
          AND NOT (image_manifest.image_id IN (
            SELECT anon_1.value
            FROM json_each(:leaving) AS anon_1
        ) AND image_manifest.manifest_id IN (
            SELECT anon_2.value
            FROM json_each(:dropped) AS anon_2
        ))
        JOIN manifest AS other ON other.id = other_layer.manifest_id
        WHERE other_layer.layer_id = manifest_layer.layer_id
          AND other_layer.position = manifest_layer.position
          AND substr(other.path, :substr_1, (manifest_layer.position + :position_1) * :param_1) =
              substr(manifest.path, :substr_2, (manifest_layer.position + :position_2) * :param_2)
          AND image_manifest.kind = :kind_1
        LIMIT :param_3 OFFSET :param_4
    ) IS NULL
) THEN 1 ELSE 0 END AS is_unused
FROM manifest_layer
JOIN manifest ON manifest_layer.manifest_id = manifest.id
JOIN layer ON manifest_layer.layer_id = layer.id
WHERE manifest.id IN (
    SELECT anon_3.value
    FROM json_each(:manifests) AS anon_3
)
  AND manifest.path IS NOT NULL
ORDER BY manifest_layer.manifest_id, manifest_layer.position
