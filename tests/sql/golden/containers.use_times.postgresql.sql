SELECT uses_now.image_id AS image, min(container.created_at) AS first, max(CASE WHEN
    (container.state IN (:state_1) AND heartbeat.stale_at IS NOT NULL AND heartbeat.stale_at <
    clock_timestamp() AND heartbeat.seen_at > coalesce(container.started_at, container.created_at))
    THEN heartbeat.seen_at WHEN (container.state IN (:state_1) AND heartbeat.stale_at IS NOT NULL
    AND heartbeat.stale_at < clock_timestamp()) THEN coalesce(container.started_at,
    container.created_at) WHEN (container.state IN (:state_1)) THEN clock_timestamp() ELSE
    coalesce(container.finished_at, coalesce(container.started_at, container.created_at)) END) AS
    last
FROM container
JOIN (
    SELECT container.id AS id, container.image_id AS image_id
    FROM container
    WHERE container.id = ANY (:containers::BIGINT[])
    UNION ALL
    SELECT container_mount.container_id AS container_id, container_mount.image_id AS image_id
    FROM container_mount
    WHERE container_mount.container_id = ANY (:containers::BIGINT[])
) AS uses_now ON uses_now.id = container.id
LEFT OUTER
JOIN heartbeat ON heartbeat.host_id = container.host_id
WHERE uses_now.image_id IS NOT NULL
GROUP BY uses_now.image_id
ORDER BY uses_now.image_id
