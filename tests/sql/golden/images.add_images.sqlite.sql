INSERT INTO image (namespace_id, digest, media_type, size, identity, created_at, content_size,
    entered_at)
VALUES (:namespace, :digest, :media_type, :size, :identity, :created, :content_size,
    CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
ON CONFLICT (namespace_id, digest) DO NOTHING
RETURNING id
