DELETE FROM image
WHERE image.id IN (:images)
