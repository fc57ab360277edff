UPDATE container
SET state=:state::VARCHAR COLLATE "C", started_at=clock_timestamp(),
    finished_at=:finished_at::TIMESTAMP WITH TIME ZONE
WHERE container.id = :container::BIGINT
