SELECT host.id, host.namespace_id, host.name, host.platform, namespace.name AS namespace
FROM host
JOIN namespace ON namespace.id = host.namespace_id
WHERE host.name = :name::VARCHAR COLLATE "C"
