INSERT INTO hold (namespace_id, image_id, reason, who, held_at, until)
VALUES (:namespace, :image, :reason, :who, CAST((julianday('now') - 2440587.5) * 86400000000 AS
    INTEGER), coalesce(:moment, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) +
    :seconds * 1000000))
RETURNING id, until, until IS NOT NULL
  AND until < CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS is_overdue
