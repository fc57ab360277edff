SELECT image.id, image.digest, EXISTS (
    SELECT *
    FROM reference
    WHERE reference.image_id = image.id
) AS is_named
FROM image_manifest AS other
JOIN image ON image.id = other.image_id
WHERE other.namespace_id = :namespace::BIGINT
  AND other.platform = :platform::VARCHAR COLLATE "C"
  AND other.path > :lower
  AND other.path < :upper
  AND other.image_id != :image::BIGINT
