SELECT host.id, host.name, namespace.name AS namespace, host.platform, host.created_at,
    count(container.id) AS containers, count(CASE WHEN (container.state IN (:state_1)) THEN
    :param_1::INTEGER END) AS running
FROM host
JOIN namespace ON namespace.id = host.namespace_id
LEFT OUTER
JOIN container ON container.host_id = host.id
GROUP BY host.id, namespace.name
ORDER BY host.name
