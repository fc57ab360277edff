SELECT namespace.id, namespace.name, namespace.created_at, (
    SELECT host.platform
    FROM host
    WHERE host.name = :host
) AS platform
FROM namespace
WHERE namespace.name = :name
