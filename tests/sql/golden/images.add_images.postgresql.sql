INSERT INTO image (namespace_id, digest, media_type, size, identity, created_at, content_size,
    entered_at)
VALUES (:namespace::BIGINT, :digest, :media_type::VARCHAR, :size::BIGINT, :identity::VARCHAR COLLATE
    "C", :created::TIMESTAMP WITH TIME ZONE, :content_size::BIGINT, clock_timestamp())
ON CONFLICT (namespace_id, digest) DO NOTHING
RETURNING image.id
