INSERT INTO layer (id, diff_id, size)
VALUES (:id::BIGINT, :diff_id, :size::BIGINT)
ON CONFLICT (diff_id) DO NOTHING
