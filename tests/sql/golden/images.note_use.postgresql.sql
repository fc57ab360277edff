UPDATE image
SET first_used_at=CASE WHEN (image.first_used_at < :first::TIMESTAMP WITH TIME ZONE) THEN
    image.first_used_at ELSE :first::TIMESTAMP WITH TIME ZONE END, last_used_at=CASE WHEN
    (image.last_used_at > :last::TIMESTAMP WITH TIME ZONE) THEN image.last_used_at ELSE
    :last::TIMESTAMP WITH TIME ZONE END
WHERE image.id = :image::BIGINT
