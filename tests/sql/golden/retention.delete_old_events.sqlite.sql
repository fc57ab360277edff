DELETE FROM event
WHERE event.id IN (
    SELECT event.id
    FROM event
    WHERE event.time < :before
      AND event.position IS NOT NULL
    ORDER BY event.time
    LIMIT :limit OFFSET :param_1
)
RETURNING position
