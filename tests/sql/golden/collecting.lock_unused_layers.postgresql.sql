SELECT layer.id
FROM layer
WHERE layer.id = ANY (:keys::BIGINT[])
  AND (
    SELECT 1
    FROM manifest_layer
    WHERE manifest_layer.layer_id = layer.id
    LIMIT :param_1::INTEGER
) IS NULL
ORDER BY layer.diff_id
FOR UPDATE SKIP LOCKED
