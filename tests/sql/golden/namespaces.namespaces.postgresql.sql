SELECT namespace.id, namespace.name, namespace.created_at
FROM namespace
ORDER BY namespace.name
