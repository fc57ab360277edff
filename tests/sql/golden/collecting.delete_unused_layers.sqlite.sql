DELETE FROM layer
WHERE layer.id IN (
    SELECT anon_1.value
    FROM json_each(:keys) AS anon_1
)
  AND (
    SELECT 1
    FROM manifest_layer
    WHERE manifest_layer.layer_id = layer.id
    LIMIT :param_1 OFFSET :param_2
) IS NULL
