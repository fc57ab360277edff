INSERT INTO reference (namespace_id, name, image_id, updated_at)
VALUES (:namespace, :name, :image, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
ON CONFLICT (namespace_id, name) DO NOTHING
RETURNING id
