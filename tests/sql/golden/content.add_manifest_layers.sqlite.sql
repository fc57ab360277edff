INSERT INTO manifest_layer (manifest_id, position, layer_id, blob_id)
VALUES (:manifest_id, :position, :layer_id, :blob_id)
