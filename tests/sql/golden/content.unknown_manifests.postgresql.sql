SELECT manifest.id
FROM manifest
WHERE manifest.id = ANY (:manifests::BIGINT[])
  AND manifest.document_id IS NULL
