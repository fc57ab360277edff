INSERT INTO host (namespace_id, name, platform, created_at)
VALUES (:namespace, :name, :platform, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
ON CONFLICT (name) DO NOTHING
RETURNING id
