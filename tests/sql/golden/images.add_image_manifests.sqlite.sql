INSERT INTO image_manifest (image_id, position, namespace_id, manifest_id, kind, platform,
    is_present, path, index_id)
VALUES (:image_id, :position, :namespace_id, :manifest_id, :kind, :platform, :is_present, :path,
    :index_id)
