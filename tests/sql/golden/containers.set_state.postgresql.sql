UPDATE container
SET state=:state::VARCHAR COLLATE "C"
WHERE container.id = :container::BIGINT
