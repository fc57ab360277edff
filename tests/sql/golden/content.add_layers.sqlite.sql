INSERT INTO layer (id, diff_id, size)
VALUES (:id, :diff_id, :size)
ON CONFLICT (diff_id) DO NOTHING
