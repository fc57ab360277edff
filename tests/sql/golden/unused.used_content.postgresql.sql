SELECT :param_1::VARCHAR AS kind, manifest.digest
FROM manifest
WHERE manifest.digest = ANY (:digests::BYTEA[])
  AND manifest.document_id IS NOT NULL
  AND (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.manifest_id = manifest.id
      AND image_manifest.namespace_id = :namespace::BIGINT
      AND image_manifest.is_present
    LIMIT :param_2::INTEGER
) IS NOT NULL
UNION ALL
SELECT :param_3::VARCHAR AS anon_1, document.digest
FROM document
WHERE document.digest = ANY (:digests::BYTEA[])
  AND (
    SELECT 1
    FROM image_index
    JOIN image ON image.id = image_index.image_id
    WHERE image_index.document_id = document.id
      AND image.namespace_id = :namespace::BIGINT
    LIMIT :param_4::INTEGER
) IS NOT NULL
UNION ALL
SELECT :param_5::VARCHAR AS anon_2, document.digest
FROM document
WHERE document.digest = ANY (:digests::BYTEA[])
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
        LIMIT :param_6::INTEGER
    ) IS NOT NULL
    LIMIT :param_7::INTEGER
) IS NOT NULL
UNION ALL
SELECT :param_8::VARCHAR AS anon_3, blob.digest
FROM blob
WHERE blob.digest = ANY (:digests::BYTEA[])
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
        LIMIT :param_9::INTEGER
    ) IS NOT NULL
    LIMIT :param_10::INTEGER
) IS NOT NULL
