SELECT manifest.id, manifest.document_id, manifest.config_id, manifest.chain_id
FROM manifest
WHERE manifest.id = ANY (:manifests::BIGINT[])
