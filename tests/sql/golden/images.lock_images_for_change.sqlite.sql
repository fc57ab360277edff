SELECT image.id
FROM image
WHERE image.id IN (:images)
ORDER BY image.id
