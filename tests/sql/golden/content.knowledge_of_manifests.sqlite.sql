SELECT manifest.id, manifest.document_id, manifest.config_id, manifest.chain_id
FROM manifest
WHERE manifest.id IN (
    SELECT anon_1.value
    FROM json_each(:manifests) AS anon_1
)
