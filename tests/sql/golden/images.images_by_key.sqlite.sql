SELECT image.id, image.namespace_id, image.digest, image.media_type, image.size, image.content_size,
    image.created_at, image.entered_at
FROM image
WHERE image.id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
ORDER BY image.id
