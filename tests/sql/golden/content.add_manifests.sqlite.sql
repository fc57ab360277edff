INSERT INTO manifest (id, digest, media_type, size, document_id, config_id, path, chain_id,
    layer_count, created_at)
VALUES (:id, :digest, :media_type, :size, :document_id, :config_id, :path, :chain_id, :layer_count,
    :created_at)
ON CONFLICT (digest) DO NOTHING
