SELECT container_detail.container_id, container_detail.labels, container_detail.command,
    container_detail.exit_code
FROM container_detail
WHERE container_detail.container_id IN (
    SELECT anon_1.value
    FROM json_each(:containers) AS anon_1
)
