SELECT uses.image_id AS used_image_id, uses.is_mount, container.id, container.container_id,
    container.name, host.name AS host, container.state, container.reference, container.image_digest,
    container.image_id, container.platform, container.created_at, container.started_at,
    container.finished_at, heartbeat.stale_at IS NOT NULL
  AND heartbeat.stale_at < CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS
      is_host_stale, heartbeat.seen_at
FROM (
    SELECT container.image_id AS image_id, container.id AS container_id, 0 AS is_mount
    FROM container
    WHERE container.image_id IN (
        SELECT anon_1.value
        FROM json_each(:images) AS anon_1
    )
    UNION ALL
    SELECT container_mount.image_id AS image_id, container_mount.container_id AS container_id, 1 AS
        is_mount
    FROM container_mount
    WHERE container_mount.image_id IN (
        SELECT anon_2.value
        FROM json_each(:images) AS anon_2
    )
) AS uses
JOIN container ON container.id = uses.container_id
JOIN host ON host.id = container.host_id
LEFT OUTER
JOIN heartbeat ON heartbeat.host_id = host.id
ORDER BY uses.image_id, container.created_at, container.container_id, container.id, uses.is_mount
