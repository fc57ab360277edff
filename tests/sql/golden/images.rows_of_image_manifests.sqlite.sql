SELECT manifest.digest, image_manifest.image_id, image_manifest.position,
    image_manifest.namespace_id, image_manifest.manifest_id, image_manifest.kind,
    image_manifest.platform, image_manifest.is_present, image_manifest.path, image_manifest.index_id
FROM image_manifest
JOIN manifest ON image_manifest.manifest_id = manifest.id
WHERE image_manifest.image_id = :image
ORDER BY image_manifest.position
