SELECT namespace.name, count(stale.namespace_id) AS hosts
FROM namespace
LEFT OUTER
JOIN (
    SELECT host.namespace_id AS namespace_id
    FROM heartbeat
    JOIN host ON host.id = heartbeat.host_id
    WHERE heartbeat.stale_at IS NOT NULL
      AND heartbeat.stale_at < clock_timestamp()
) AS stale ON stale.namespace_id = namespace.id
GROUP BY namespace.name
ORDER BY namespace.name
