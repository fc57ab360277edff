INSERT INTO namespace (name, created_at)
VALUES (:name, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
