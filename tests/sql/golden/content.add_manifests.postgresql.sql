INSERT INTO manifest (id, digest, media_type, size, document_id, config_id, path, chain_id,
    layer_count, created_at)
VALUES (:id::BIGINT, :digest, :media_type::VARCHAR, :size::BIGINT, :document_id::BIGINT,
    :config_id::BIGINT, :path, :chain_id, :layer_count::INTEGER, :created_at::TIMESTAMP WITH TIME
    ZONE)
ON CONFLICT (digest) DO NOTHING
