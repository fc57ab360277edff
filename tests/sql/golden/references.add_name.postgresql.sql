INSERT INTO reference (namespace_id, name, image_id, updated_at)
VALUES (:namespace::BIGINT, :name::VARCHAR COLLATE "C", :image::BIGINT, clock_timestamp())
ON CONFLICT (namespace_id, name) DO NOTHING
RETURNING reference.id
