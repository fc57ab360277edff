INSERT INTO host (namespace_id, name, platform, created_at)
VALUES (:namespace::BIGINT, :name::VARCHAR COLLATE "C", :platform::VARCHAR COLLATE "C",
    clock_timestamp())
ON CONFLICT (name) DO NOTHING
RETURNING host.id
