INSERT INTO blob (id, digest, media_type, size)
VALUES (:id::BIGINT, :digest, :media_type::VARCHAR, :size::BIGINT)
ON CONFLICT (digest) DO NOTHING
