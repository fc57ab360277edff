SELECT hold.image_id, hold.id, hold.who, hold.reason, hold.held_at, hold.until, hold.until IS NOT
    NULL
  AND hold.until < clock_timestamp() AS is_overdue
FROM hold
WHERE hold.image_id = :image::BIGINT
ORDER BY hold.id
FOR UPDATE
