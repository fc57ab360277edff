SELECT :param_1 AS kind, manifest.digest
FROM manifest
WHERE manifest.digest IN (:digests)
  AND manifest.document_id IS NOT NULL
  AND (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.manifest_id = manifest.id
      AND image_manifest.namespace_id = :namespace
      AND image_manifest.is_present = 1
    LIMIT :param_2 OFFSET :param_3
) IS NOT NULL
UNION ALL
SELECT :param_4 AS anon_1, document.digest
FROM document
WHERE document.digest IN (:digests)
  AND (
    SELECT 1
    FROM image_index
    JOIN image ON image.id = image_index.image_id
    WHERE image_index.document_id = document.id
      AND image.namespace_id = :namespace
    LIMIT :param_5 OFFSET :param_6
) IS NOT NULL
UNION ALL
SELECT :param_7 AS anon_2, document.digest
FROM document
WHERE document.digest IN (:digests)
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
        LIMIT :param_8 OFFSET :param_9
    ) IS NOT NULL
    LIMIT :param_10 OFFSET :param_11
) IS NOT NULL
UNION ALL
SELECT :param_12 AS anon_3, blob.digest
FROM blob
WHERE blob.digest IN (:digests)
  AND (
    SELECT 1
    FROM manifest_layer AS other_layer
    WHERE other_layer.blob_id = blob.id
      AND (
        SELECT 1
        FROM image_manifest
        WHERE image_manifest.manifest_id = other_layer.manifest_id
          AND image_manifest.namespace_id = :namespace
          AND image_manifest.is_present = 1
        LIMIT :param_13 OFFSET :param_14
    ) IS NOT NULL
    LIMIT :param_15 OFFSET :param_16
) IS NOT NULL
