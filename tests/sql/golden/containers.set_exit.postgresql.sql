UPDATE container_detail
SET exit_code=:exit_code::INTEGER
WHERE container_detail.container_id = :container::BIGINT
