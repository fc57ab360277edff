SELECT manifest.id, manifest.document_id, manifest.config_id, (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.manifest_id = manifest.id
    LIMIT :param_1 OFFSET :param_2
) IS NOT NULL AS is_named
FROM manifest
WHERE manifest.id IN (
    SELECT anon_1.value
    FROM json_each(:keys) AS anon_1
)
  AND (manifest.document_id IS NOT NULL OR (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.manifest_id = manifest.id
    LIMIT :param_1 OFFSET :param_3
) IS NULL)
  AND (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.manifest_id = manifest.id
      AND image_manifest.is_present = 1
    LIMIT :param_4 OFFSET :param_5
) IS NULL
  AND (
    SELECT 1
    FROM candidate
    WHERE candidate.manifest_id = manifest.id
    LIMIT :param_6 OFFSET :param_7
) IS NULL
  AND (
    SELECT 1
    FROM release
    WHERE release.digest = manifest.digest
      AND release.kind IN (:kind_1)
    LIMIT :param_8 OFFSET :param_9
) IS NULL
