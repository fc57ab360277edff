INSERT INTO heartbeat (host_id, seen_at, lease_seconds, stale_at)
VALUES (:host::BIGINT, clock_timestamp(), :lease::INTEGER, clock_timestamp() + make_interval(secs =>
    :lease::INTEGER))
ON CONFLICT (host_id) DO NOTHING
RETURNING heartbeat.host_id
