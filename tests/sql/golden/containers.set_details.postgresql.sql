INSERT INTO container_detail (container_id, labels, command, exit_code)
VALUES (:container::BIGINT, :labels::JSONB, :command::VARCHAR, :exit_code::INTEGER)
ON CONFLICT (container_id) DO UPDATE
SET labels = excluded.labels, command = excluded.command, exit_code = excluded.exit_code
