SELECT manifest.id
FROM manifest
WHERE manifest.id IN (:manifests)
  AND manifest.document_id IS NULL
