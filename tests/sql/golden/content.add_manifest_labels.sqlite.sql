INSERT INTO manifest_label (manifest_id, "key", value)
VALUES (:manifest_id, :key, :value)
