DELETE FROM document
WHERE document.id IN (
    SELECT anon_1.value
    FROM json_each(:keys) AS anon_1
)
  AND (
    SELECT 1
    FROM manifest
    WHERE manifest.document_id = document.id
    LIMIT :param_1 OFFSET :param_2
) IS NULL
  AND (
    SELECT 1
    FROM manifest
    WHERE manifest.config_id = document.id
    LIMIT :param_3 OFFSET :param_4
) IS NULL
  AND (
    SELECT 1
    FROM image_index
    WHERE image_index.document_id = document.id
    LIMIT :param_5 OFFSET :param_6
) IS NULL
  AND (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.index_id = document.id
    LIMIT :param_7 OFFSET :param_8
) IS NULL
  AND (
    SELECT 1
    FROM candidate
    WHERE candidate.document_id = document.id
    LIMIT :param_9 OFFSET :param_10
) IS NULL
  AND (
    SELECT 1
    FROM release
    WHERE release.digest = document.digest
      AND release.kind IN (:kind_1)
    LIMIT :param_11 OFFSET :param_12
) IS NULL
