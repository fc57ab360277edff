UPDATE manifest
SET document_id=:document_id, config_id=:config_id, path=:path, chain_id=:chain_id,
    layer_count=:layer_count, created_at=:created_at
WHERE manifest.id IN (
    SELECT anon_1.value
    FROM json_each(:keys) AS anon_1
)
