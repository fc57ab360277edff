SELECT host.id, host.name, namespace.name AS namespace, host.platform, host.created_at,
    heartbeat.seen_at, heartbeat.lease_seconds, heartbeat.stale_at, heartbeat.stale_at IS NOT NULL
  AND heartbeat.stale_at < CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS
      is_stale, count(container.id) AS containers, count(CASE WHEN (container.state IN (:state_1))
      THEN :param_1 END) AS running
FROM host
JOIN namespace ON namespace.id = host.namespace_id
LEFT OUTER
JOIN heartbeat ON heartbeat.host_id = host.id
LEFT OUTER
JOIN container ON container.host_id = host.id
GROUP BY host.id, namespace.name, heartbeat.host_id
ORDER BY host.name
