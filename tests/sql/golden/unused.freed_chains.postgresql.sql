SELECT manifest_layer.manifest_id, layer.diff_id, CASE WHEN (
    (
        SELECT 1
        FROM manifest_layer AS other_layer
        JOIN image_manifest ON image_manifest.manifest_id = other_layer.manifest_id
          AND image_manifest.namespace_id = :namespace::BIGINT
          AND image_manifest.is_present
          AND NOT (image_manifest.image_id = ANY (:leaving::BIGINT[]) AND image_manifest.manifest_id
              = ANY (:dropped::BIGINT[]))
        JOIN manifest AS other ON other.id = other_layer.manifest_id
        WHERE other_layer.layer_id = manifest_layer.layer_id
          AND other_layer.position = manifest_layer.position
          AND substr(other.path, :substr_1::INTEGER, (manifest_layer.position +
              :position_1::INTEGER) * :param_1::INTEGER) = substr(manifest.path, :substr_2::INTEGER,
              (manifest_layer.position + :position_2::INTEGER) * :param_2::INTEGER)
          AND image_manifest.kind = :kind_1::VARCHAR COLLATE "C"
        LIMIT :param_3::INTEGER
    ) IS NULL
) THEN true ELSE false END AS is_unused
FROM manifest_layer
JOIN manifest ON manifest_layer.manifest_id = manifest.id
JOIN layer ON manifest_layer.layer_id = layer.id
WHERE manifest.id = ANY (:manifests::BIGINT[])
  AND manifest.path IS NOT NULL
ORDER BY manifest_layer.manifest_id, manifest_layer.position
