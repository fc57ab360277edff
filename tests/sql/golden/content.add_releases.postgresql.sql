INSERT INTO release (namespace_id, kind, digest, media_type, size, released_at)
VALUES (:namespace::BIGINT, :kind::VARCHAR COLLATE "C", :digest, :media_type::VARCHAR,
    :size::BIGINT, clock_timestamp())
ON CONFLICT (namespace_id, kind, digest) DO NOTHING
