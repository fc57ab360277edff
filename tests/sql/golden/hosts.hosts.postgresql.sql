SELECT host.id, host.name, namespace.name AS namespace, host.platform, host.created_at,
    heartbeat.seen_at, heartbeat.lease_seconds, heartbeat.stale_at, heartbeat.stale_at IS NOT NULL
  AND heartbeat.stale_at < clock_timestamp() AS is_stale, count(container.id) AS containers,
      count(CASE WHEN (container.state IN (:state_1)) THEN :param_1::INTEGER END) AS running
FROM host
JOIN namespace ON namespace.id = host.namespace_id
LEFT OUTER
JOIN heartbeat ON heartbeat.host_id = host.id
LEFT OUTER
JOIN container ON container.host_id = host.id
GROUP BY host.id, namespace.name, heartbeat.host_id
ORDER BY host.name
