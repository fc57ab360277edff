SELECT container.id, container.container_id, container.name, host.name AS host, container.state,
    container.reference, container.image_digest, container.image_id, container.platform,
    container.created_at, container.started_at, container.finished_at, container.namespace_id
FROM container
JOIN host ON host.id = container.host_id
WHERE container.host_id = :host::BIGINT
ORDER BY container.id
FOR UPDATE OF container
