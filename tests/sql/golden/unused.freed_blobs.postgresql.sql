SELECT blob.digest, blob.media_type, blob.size
FROM blob
WHERE blob.id IN (
    SELECT manifest_layer.blob_id
    FROM manifest_layer
    WHERE manifest_layer.manifest_id = ANY (:manifests::BIGINT[])
)
  AND (
    SELECT 1
    FROM manifest_layer AS other_layer
    WHERE other_layer.blob_id = blob.id
      AND (
        SELECT 1
        FROM image_manifest
        WHERE image_manifest.manifest_id = other_layer.manifest_id
          AND image_manifest.namespace_id = :namespace::BIGINT
          AND image_manifest.is_present
          AND NOT (image_manifest.image_id = ANY (:leaving::BIGINT[]) AND image_manifest.manifest_id
              = ANY (:dropped::BIGINT[]))
        LIMIT :param_1::INTEGER
    ) IS NOT NULL
    LIMIT :param_2::INTEGER
) IS NULL
