SELECT image.id, image.digest, other.platform, length(other.path) / 8 AS shared_layers, EXISTS (
    SELECT *
    FROM reference
    WHERE reference.image_id = image.id
) AS is_named
FROM image_manifest AS own
JOIN image_manifest AS other ON other.namespace_id = own.namespace_id
  AND other.platform = own.platform
  AND other.path IN (
    WITH RECURSIVE prefix(bytes) AS (
        SELECT 8
        UNION ALL
        SELECT bytes + 8
        FROM prefix
        WHERE bytes + 8 < length(own.path)
    )
    SELECT substr(own.path, 1, bytes)
    FROM prefix
    WHERE bytes < length(own.path)
)
JOIN image ON image.id = other.image_id
WHERE own.image_id = :image
  AND own.path IS NOT NULL
  AND other.path IS NOT NULL
  AND other.image_id != own.image_id
