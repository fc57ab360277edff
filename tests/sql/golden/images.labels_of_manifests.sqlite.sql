SELECT manifest_label.manifest_id, manifest_label."key", manifest_label.value
FROM manifest_label
WHERE manifest_label.manifest_id IN (
    SELECT anon_1.value
    FROM json_each(:manifests) AS anon_1
)
ORDER BY manifest_label.manifest_id, manifest_label."key"
