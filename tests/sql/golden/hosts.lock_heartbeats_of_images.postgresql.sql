SELECT heartbeat.host_id
FROM heartbeat
WHERE heartbeat.host_id = ANY (ARRAY(
    SELECT hosts_of_images.host_id
    FROM (
        SELECT container.host_id AS host_id
        FROM container
        WHERE container.image_id = ANY (:images::BIGINT[])
        UNION
        SELECT container.host_id AS host_id
        FROM container_mount
        JOIN container ON container.id = container_mount.container_id
        WHERE container_mount.image_id = ANY (:images::BIGINT[])
    ) AS hosts_of_images
))
ORDER BY heartbeat.host_id
FOR SHARE
