INSERT INTO release (namespace_id, kind, digest, media_type, size, released_at)
VALUES (:namespace, :kind, :digest, :media_type, :size, CAST((julianday('now') - 2440587.5) *
    86400000000 AS INTEGER))
ON CONFLICT (namespace_id, kind, digest) DO NOTHING
