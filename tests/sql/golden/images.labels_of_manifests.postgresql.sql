SELECT manifest_label.manifest_id, manifest_label.key, manifest_label.value
FROM manifest_label
WHERE manifest_label.manifest_id = ANY (:manifests::BIGINT[])
ORDER BY manifest_label.manifest_id, manifest_label.key
