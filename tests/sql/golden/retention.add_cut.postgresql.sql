INSERT INTO event_cut (position, cut_at)
VALUES (:position::BIGINT, clock_timestamp())
ON CONFLICT (position) DO NOTHING
