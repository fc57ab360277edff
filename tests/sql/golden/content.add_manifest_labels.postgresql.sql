INSERT INTO manifest_label (manifest_id, key, value)
VALUES (:manifest_id::BIGINT, :key::VARCHAR COLLATE "C", :value::VARCHAR COLLATE "C")
