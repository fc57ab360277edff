SELECT image.id, image.digest, other.platform, length(other.path) / 8 AS shared_layers, EXISTS (
    SELECT *
    FROM reference
    WHERE reference.image_id = image.id
) AS is_named
FROM image_manifest AS own
JOIN image_manifest AS other ON other.namespace_id = own.namespace_id
  AND other.platform = own.platform
  AND other.path = ANY (ARRAY(
    SELECT substr(own.path, 1, 8 * layers)
    FROM generate_series(1, length(own.path) / 8 - 1) AS layers
))
JOIN image ON image.id = other.image_id
WHERE own.image_id = :image::BIGINT
  AND own.path IS NOT NULL
  AND other.path IS NOT NULL
  AND other.image_id != own.image_id
