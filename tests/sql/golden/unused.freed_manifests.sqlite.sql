SELECT manifest.id, manifest.digest, manifest.media_type, manifest.size, manifest.config_id
FROM manifest
WHERE manifest.id IN (
    SELECT anon_1.value
    FROM json_each(:manifests) AS anon_1
)
  AND manifest.document_id IS NOT NULL
  AND (
    SELECT 1
    FROM image_manifest
    WHERE image_manifest.manifest_id = manifest.id
      AND image_manifest.namespace_id = :namespace
      AND image_manifest.is_present = 1
      AND NOT (image_manifest.image_id IN (
        SELECT anon_2.value
        FROM json_each(:leaving) AS anon_2
    ) AND image_manifest.manifest_id IN (
        SELECT anon_3.value
        FROM json_each(:dropped) AS anon_3
    ))
    LIMIT :param_1 OFFSET :param_2
) IS NULL
