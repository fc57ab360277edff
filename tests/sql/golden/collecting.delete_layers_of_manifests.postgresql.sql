DELETE FROM manifest_layer
WHERE manifest_layer.manifest_id = ANY (:keys::BIGINT[])
