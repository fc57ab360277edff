UPDATE heartbeat
SET seen_at=CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER),
    lease_seconds=coalesce(:lease, heartbeat.lease_seconds), stale_at=CAST((julianday('now') -
    2440587.5) * 86400000000 AS INTEGER) + coalesce(:lease, heartbeat.lease_seconds) * 1000000
WHERE heartbeat.host_id = :host
  AND heartbeat.stale_at IS NOT NULL
  AND heartbeat.stale_at < CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
RETURNING host_id
