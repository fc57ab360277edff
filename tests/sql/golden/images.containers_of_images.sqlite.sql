SELECT "using".image_id, count(*) AS containers
FROM (
    SELECT container.image_id AS image_id, container.id AS id
    FROM container
    WHERE container.image_id IN (
        SELECT anon_1.value
        FROM json_each(:images) AS anon_1
    )
    UNION
    SELECT container_mount.image_id AS image_id, container_mount.container_id AS container_id
    FROM container_mount
    WHERE container_mount.image_id IN (
        SELECT anon_2.value
        FROM json_each(:images) AS anon_2
    )
) AS "using"
GROUP BY "using".image_id
