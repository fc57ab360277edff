SELECT layer.id
FROM layer
WHERE layer.id > :after::BIGINT
  AND layer.id <= :upto::BIGINT
  AND (
    SELECT 1
    FROM manifest_layer
    WHERE manifest_layer.layer_id = layer.id
    LIMIT :param_1::INTEGER
) IS NULL
ORDER BY layer.id
