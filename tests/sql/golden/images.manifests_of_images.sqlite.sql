SELECT image_manifest.image_id, manifest.id, manifest.digest, manifest.media_type, manifest.size,
    image_manifest.kind, image_manifest.platform, image_manifest.is_present,
    image_manifest.position, manifest.config_id, manifest.chain_id, manifest.created_at
FROM image_manifest
JOIN manifest ON image_manifest.manifest_id = manifest.id
WHERE image_manifest.image_id IN (
    SELECT anon_1.value
    FROM json_each(:images) AS anon_1
)
ORDER BY image_manifest.image_id, image_manifest.position
