SELECT manifest_layer.manifest_id, layer.diff_id, layer.size AS unpacked_size, blob.digest,
    blob.size
FROM manifest_layer
LEFT OUTER
JOIN layer ON manifest_layer.layer_id = layer.id
LEFT OUTER
JOIN blob ON manifest_layer.blob_id = blob.id
WHERE manifest_layer.manifest_id IN (
    SELECT anon_1.value
    FROM json_each(:manifests) AS anon_1
)
ORDER BY manifest_layer.manifest_id, manifest_layer.position
