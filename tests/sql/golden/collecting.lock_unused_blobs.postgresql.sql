SELECT blob.id
FROM blob
WHERE blob.id = ANY (:keys::BIGINT[])
  AND (
    SELECT 1
    FROM manifest_layer
    WHERE manifest_layer.blob_id = blob.id
    LIMIT :param_1::INTEGER
) IS NULL
  AND (
    SELECT 1
    FROM release
    WHERE release.digest = blob.digest
      AND release.kind IN (:kind_1)
    LIMIT :param_2::INTEGER
) IS NULL
ORDER BY blob.digest
FOR UPDATE SKIP LOCKED
