INSERT INTO document (id, digest, media_type, size, body)
VALUES (:id::BIGINT, :digest, :media_type::VARCHAR, :size::BIGINT, :body)
ON CONFLICT (digest) DO NOTHING
