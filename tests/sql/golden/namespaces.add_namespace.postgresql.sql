INSERT INTO namespace (name, created_at)
VALUES (:name::VARCHAR COLLATE "C", clock_timestamp())
RETURNING namespace.id
