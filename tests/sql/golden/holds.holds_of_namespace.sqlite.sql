SELECT hold.image_id, hold.id, hold.who, hold.reason, hold.held_at, hold.until, hold.until IS NOT
    NULL
  AND hold.until < CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS is_overdue,
      image.digest
FROM hold
JOIN image ON image.id = hold.image_id
WHERE hold.namespace_id = :namespace
ORDER BY hold.id
