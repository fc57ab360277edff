SELECT document.id
FROM document
WHERE document.id = ANY (:keys::BIGINT[])
  AND (
    SELECT 1
    FROM manifest
    WHERE manifest.document_id = document.id
    LIMIT :param_1::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM manifest
    WHERE manifest.config_id = document.id
    LIMIT :param_2::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM image_index
    WHERE image_index.document_id = document.id
    LIMIT :param_3::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.index_id = document.id
    LIMIT :param_4::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM candidate
    WHERE candidate.document_id = document.id
    LIMIT :param_5::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM release
    WHERE release.digest = document.digest
      AND release.kind IN (:kind_1)
    LIMIT :param_6::INTEGER
) IS NULL
ORDER BY document.digest
FOR UPDATE SKIP LOCKED
