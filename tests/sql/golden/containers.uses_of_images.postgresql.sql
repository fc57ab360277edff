SELECT uses.image_id AS used_image_id, uses.is_mount, container.id, container.container_id,
    container.name, host.name AS host, container.state, container.reference, container.image_digest,
    container.image_id, container.platform, container.created_at, container.started_at,
    container.finished_at, heartbeat.stale_at IS NOT NULL
  AND heartbeat.stale_at < clock_timestamp() AS is_host_stale, heartbeat.seen_at
FROM (
    SELECT container.image_id AS image_id, container.id AS container_id, false AS is_mount
    FROM container
    WHERE container.image_id = ANY (:images::BIGINT[])
    UNION ALL
    SELECT container_mount.image_id AS image_id, container_mount.container_id AS container_id, true
        AS is_mount
    FROM container_mount
    WHERE container_mount.image_id = ANY (:images::BIGINT[])
) AS uses
JOIN container ON container.id = uses.container_id
JOIN host ON host.id = container.host_id
LEFT OUTER
JOIN heartbeat ON heartbeat.host_id = host.id
ORDER BY uses.image_id, container.created_at, container.container_id, container.id, uses.is_mount
