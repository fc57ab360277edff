SELECT blob.id
FROM blob
WHERE blob.id IN (
    SELECT anon_1.value
    FROM json_each(:keys) AS anon_1
)
  AND (
    SELECT 1
    FROM manifest_layer
    WHERE manifest_layer.blob_id = blob.id
    LIMIT :param_1 OFFSET :param_2
) IS NULL
  AND (
    SELECT 1
    FROM release
    WHERE release.digest = blob.digest
      AND release.kind IN (:kind_1)
    LIMIT :param_3 OFFSET :param_4
) IS NULL
ORDER BY blob.digest
