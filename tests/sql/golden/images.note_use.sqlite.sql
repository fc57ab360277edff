UPDATE image
SET first_used_at=CASE WHEN (image.first_used_at < :first) THEN image.first_used_at ELSE :first END,
    last_used_at=CASE WHEN (image.last_used_at > :last) THEN image.last_used_at ELSE :last END
WHERE image.id = :image
