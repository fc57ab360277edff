DELETE FROM image
WHERE image.id = ANY (:images::BIGINT[])
