DELETE FROM event
WHERE event.id = ANY (ARRAY(
    SELECT event.id
    FROM event
    WHERE event.time < :before::TIMESTAMP WITH TIME ZONE
      AND event.position IS NOT NULL
    ORDER BY event.time
    LIMIT :limit::INTEGER
    FOR UPDATE SKIP LOCKED
))
RETURNING event.position
