SELECT container.id, container.name, container.state
FROM container
WHERE container.id = :container::BIGINT
FOR UPDATE
