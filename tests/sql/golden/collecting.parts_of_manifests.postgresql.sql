SELECT DISTINCT manifest_layer.layer_id, manifest_layer.blob_id
FROM manifest_layer
WHERE manifest_layer.manifest_id = ANY (:keys::BIGINT[])
