INSERT INTO document (id, digest, media_type, size, body)
VALUES (:id, :digest, :media_type, :size, :body)
ON CONFLICT (digest) DO NOTHING
