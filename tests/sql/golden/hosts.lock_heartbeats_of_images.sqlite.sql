SELECT heartbeat.host_id
FROM heartbeat
WHERE heartbeat.host_id IN (
    SELECT hosts_of_images.host_id
    FROM (
        SELECT container.host_id AS host_id
        FROM container
        WHERE container.image_id IN (
            SELECT anon_1.value
            FROM json_each(:images) AS anon_1
        )
        UNION
        SELECT container.host_id AS host_id
        FROM container_mount
        JOIN container ON container.id = container_mount.container_id
        WHERE container_mount.image_id IN (
            SELECT anon_2.value
            FROM json_each(:images) AS anon_2
        )
    ) AS hosts_of_images
)
ORDER BY heartbeat.host_id
