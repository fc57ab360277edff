UPDATE manifest
SET media_type=:media_type::VARCHAR, size=:size::BIGINT, document_id=:document::BIGINT,
    config_id=:config::BIGINT, path=:path, chain_id=:chain_id, layer_count=:layer_count::INTEGER,
    created_at=:created::TIMESTAMP WITH TIME ZONE
WHERE manifest.id = :manifest::BIGINT
  AND (manifest.document_id IS NULL OR manifest.config_id IS NULL AND :knows_config OR
      manifest.chain_id IS NULL AND :knows_layers)
