DELETE FROM done_release
WHERE done_release.id IN (
    SELECT anon_1.value
    FROM json_each(:releases) AS anon_1
)
