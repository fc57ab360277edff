WITH uses AS (
    SELECT image_manifest.image_id AS image_id, 1 AS kind, manifest.id AS content, manifest.size AS
        size
    FROM image_manifest
    JOIN manifest ON image_manifest.manifest_id = manifest.id
    WHERE image_manifest.namespace_id = :namespace
      AND image_manifest.is_present = 1
    UNION
    SELECT image_manifest.image_id AS image_id, 2, document.id AS id, document.size AS size
    FROM image_manifest
    JOIN manifest ON image_manifest.manifest_id = manifest.id
    JOIN document ON manifest.config_id = document.id
    WHERE image_manifest.namespace_id = :namespace
      AND image_manifest.is_present = 1
    UNION
    SELECT image_manifest.image_id AS image_id, 3, blob.id AS id, blob.size AS size
    FROM image_manifest
    JOIN manifest_layer ON image_manifest.manifest_id = manifest_layer.manifest_id
    JOIN blob ON manifest_layer.blob_id = blob.id
    WHERE image_manifest.namespace_id = :namespace
      AND image_manifest.is_present = 1
), content AS (
    SELECT uses.kind AS kind, uses.content AS content, uses.size AS size, count(*) AS images
    FROM uses
    GROUP BY uses.kind, uses.content, uses.size
)
SELECT uses.image_id, sum(uses.size) AS bytes
FROM uses
JOIN content ON uses.kind = content.kind
  AND uses.content = content.content
WHERE content.images > 1
GROUP BY uses.image_id
ORDER BY uses.image_id
