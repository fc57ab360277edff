DELETE FROM manifest
WHERE manifest.id IN (
    SELECT anon_1.value
    FROM json_each(:keys) AS anon_1
)
