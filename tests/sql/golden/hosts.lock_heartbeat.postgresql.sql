SELECT heartbeat.stale_at, heartbeat.stale_at IS NOT NULL
  AND heartbeat.stale_at < clock_timestamp() AS is_stale
FROM heartbeat
WHERE heartbeat.host_id = :host::BIGINT
FOR UPDATE
