UPDATE container
SET name=:name
WHERE container.id = :container
