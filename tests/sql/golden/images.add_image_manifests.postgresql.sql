INSERT INTO image_manifest (image_id, position, namespace_id, manifest_id, kind, platform,
    is_present, path, index_id)
VALUES (:image_id::BIGINT, :position::INTEGER, :namespace_id::BIGINT, :manifest_id::BIGINT,
    :kind::VARCHAR COLLATE "C", :platform::VARCHAR COLLATE "C", :is_present, :path,
    :index_id::BIGINT)
