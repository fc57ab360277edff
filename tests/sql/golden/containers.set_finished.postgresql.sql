UPDATE container
SET state=:state::VARCHAR COLLATE "C", finished_at=clock_timestamp()
WHERE container.id = :container::BIGINT
