DELETE FROM release
WHERE release.id IN (
    SELECT release.id
    FROM release
    WHERE release.id IN (
        SELECT anon_1.value
        FROM json_each(:releases) AS anon_1
    )
    ORDER BY release.id
)
