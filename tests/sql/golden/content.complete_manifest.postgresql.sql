UPDATE manifest
SET document_id=:document::BIGINT, config_id=:config::BIGINT, path=:path, chain_id=:chain_id,
    layer_count=:layer_count::INTEGER, created_at=:created::TIMESTAMP WITH TIME ZONE
WHERE manifest.id = :manifest::BIGINT
  AND manifest.document_id IS NULL
