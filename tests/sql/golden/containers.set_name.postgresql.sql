UPDATE container
SET name=:name::VARCHAR COLLATE "C"
WHERE container.id = :container::BIGINT
