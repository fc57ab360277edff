SELECT manifest.id
FROM manifest
WHERE manifest.id > :after::BIGINT
  AND manifest.id <= :upto::BIGINT
  AND (manifest.document_id IS NOT NULL OR (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.manifest_id = manifest.id
    LIMIT :param_1::INTEGER
) IS NULL)
  AND (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.manifest_id = manifest.id
      AND image_manifest.is_present
    LIMIT :param_2::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM candidate
    WHERE candidate.manifest_id = manifest.id
    LIMIT :param_3::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM release
    WHERE release.digest = manifest.digest
      AND release.kind IN (:kind_1)
    LIMIT :param_4::INTEGER
) IS NULL
ORDER BY manifest.id
