SELECT hold.image_id, hold.id, hold.who, hold.reason, hold.held_at, hold.until, hold.until IS NOT
    NULL
  AND hold.until < CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS is_overdue
FROM hold
WHERE hold.image_id = :image
ORDER BY hold.id
