UPDATE heartbeat
SET seen_at=clock_timestamp(), lease_seconds=coalesce(:lease::INTEGER, heartbeat.lease_seconds),
    stale_at=clock_timestamp() + make_interval(secs => coalesce(:lease::INTEGER,
    heartbeat.lease_seconds))
WHERE heartbeat.host_id = :host::BIGINT
  AND heartbeat.stale_at IS NOT NULL
  AND heartbeat.stale_at < clock_timestamp()
RETURNING heartbeat.host_id
