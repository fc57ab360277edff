UPDATE manifest
SET document_id=:document, config_id=:config, path=:path, chain_id=:chain_id,
    layer_count=:layer_count, created_at=:created
WHERE manifest.id = :manifest
  AND manifest.document_id IS NULL
