SELECT namespace.id, namespace.name, namespace.created_at
FROM namespace
WHERE namespace.name = :name::VARCHAR COLLATE "C"
FOR UPDATE
