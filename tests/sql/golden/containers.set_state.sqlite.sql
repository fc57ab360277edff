UPDATE container
SET state=:state
WHERE container.id = :container
