INSERT INTO heartbeat (host_id, seen_at, lease_seconds, stale_at)
VALUES (:host, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER), :lease,
    CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) + :lease * 1000000)
ON CONFLICT (host_id) DO NOTHING
RETURNING host_id
