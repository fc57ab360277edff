UPDATE manifest
SET document_id=:document_id::BIGINT, config_id=:config_id::BIGINT, path=:path, chain_id=:chain_id,
    layer_count=:layer_count::INTEGER, created_at=:created_at::TIMESTAMP WITH TIME ZONE
WHERE manifest.id = ANY (:keys::BIGINT[])
