SELECT (
    SELECT count(*) AS count_1
    FROM image
    WHERE image.namespace_id = :namespace
) AS images, count(CASE WHEN (container.state = :state_1) THEN container.id END) AS running,
    count(CASE WHEN (container.state = :state_2) THEN container.id END) AS paused, count(CASE WHEN
    (container.state = :state_3) THEN container.id END) AS restarting, count(container.id) AS
    containers
FROM container
WHERE container.namespace_id = :namespace
