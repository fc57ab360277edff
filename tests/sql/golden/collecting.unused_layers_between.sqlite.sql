SELECT layer.id
FROM layer
WHERE layer.id > :after
  AND layer.id <= :upto
  AND (
    SELECT 1
    FROM manifest_layer
    WHERE manifest_layer.layer_id = layer.id
    LIMIT :param_1 OFFSET :param_2
) IS NULL
ORDER BY layer.id
