SELECT (
    SELECT count(*) AS count_1
    FROM image
    WHERE image.namespace_id = :namespace::BIGINT
) AS images, count(CASE WHEN (container.state = :state_1::VARCHAR COLLATE "C") THEN container.id
    END) AS running, count(CASE WHEN (container.state = :state_2::VARCHAR COLLATE "C") THEN
    container.id END) AS paused, count(CASE WHEN (container.state = :state_3::VARCHAR COLLATE "C")
    THEN container.id END) AS restarting, count(container.id) AS containers
FROM container
WHERE container.namespace_id = :namespace::BIGINT
