INSERT INTO blob (id, digest, media_type, size)
VALUES (:id, :digest, :media_type, :size)
ON CONFLICT (digest) DO NOTHING
