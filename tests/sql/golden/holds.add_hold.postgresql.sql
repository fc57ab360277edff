INSERT INTO hold (namespace_id, image_id, reason, who, held_at, until)
VALUES (:namespace::BIGINT, :image::BIGINT, :reason::VARCHAR, :who::VARCHAR, clock_timestamp(),
    coalesce(:moment::TIMESTAMP WITH TIME ZONE, clock_timestamp() + make_interval(secs =>
    :seconds::BIGINT)))
RETURNING hold.id, hold.until, hold.until IS NOT NULL
  AND hold.until < clock_timestamp() AS is_overdue
