SELECT image.id
FROM image
WHERE image.id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
ORDER BY image.id
