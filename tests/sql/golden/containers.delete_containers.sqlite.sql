DELETE FROM container
WHERE container.id IN (
    SELECT anon_1.value
    FROM json_each(:containers) AS anon_1
)
