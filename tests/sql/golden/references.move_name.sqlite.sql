UPDATE reference
SET image_id=:to, updated_at=CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
WHERE reference.namespace_id = :namespace
  AND reference.name = :at
  AND reference.image_id = :from
