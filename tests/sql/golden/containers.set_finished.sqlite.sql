UPDATE container
SET state=:state, finished_at=CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
WHERE container.id = :container
