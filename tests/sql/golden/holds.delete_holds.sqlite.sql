DELETE FROM hold
WHERE hold.id IN (
    SELECT anon_1.value
    FROM json_each(:holds) AS anon_1
)
