SELECT namespace.id, namespace.name, namespace.created_at, (
    SELECT host.platform
    FROM host
    WHERE host.name = :host::VARCHAR COLLATE "C"
) AS platform
FROM namespace
WHERE namespace.name = :name::VARCHAR COLLATE "C"
