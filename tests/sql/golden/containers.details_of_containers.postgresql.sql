SELECT container_detail.container_id, container_detail.labels, container_detail.command,
    container_detail.exit_code
FROM container_detail
WHERE container_detail.container_id = ANY (:containers::BIGINT[])
