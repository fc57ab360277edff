DELETE FROM manifest_layer
WHERE manifest_layer.manifest_id IN (
    SELECT anon_1.value
    FROM json_each(:keys) AS anon_1
)
