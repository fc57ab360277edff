SELECT image.id
FROM image
WHERE image.id = ANY (:images::BIGINT[])
ORDER BY image.id
FOR NO KEY UPDATE
