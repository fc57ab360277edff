INSERT INTO event_cut (position, cut_at)
VALUES (:position, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
ON CONFLICT (position) DO NOTHING
