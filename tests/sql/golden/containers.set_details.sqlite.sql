INSERT INTO container_detail (container_id, labels, command, exit_code)
VALUES (:container, :labels, :command, :exit_code)
ON CONFLICT (container_id) DO UPDATE
SET labels = excluded.labels, command = excluded.command, exit_code = excluded.exit_code
