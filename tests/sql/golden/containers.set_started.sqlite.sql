UPDATE container
SET state=:state, started_at=CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER),
    finished_at=:finished_at
WHERE container.id = :container
