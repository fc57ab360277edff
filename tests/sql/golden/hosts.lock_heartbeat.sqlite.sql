SELECT heartbeat.stale_at, heartbeat.stale_at IS NOT NULL
  AND heartbeat.stale_at < CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS is_stale
FROM heartbeat
WHERE heartbeat.host_id = :host
