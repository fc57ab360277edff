UPDATE manifest
SET media_type=:media_type, size=:size, document_id=:document, config_id=:config, path=:path,
    chain_id=:chain_id, layer_count=:layer_count, created_at=:created
WHERE manifest.id = :manifest
  AND (manifest.document_id IS NULL OR manifest.config_id IS NULL AND :knows_config = 1 OR
      manifest.chain_id IS NULL AND :knows_layers = 1)
