UPDATE container_detail
SET exit_code=:exit_code
WHERE container_detail.container_id = :container
