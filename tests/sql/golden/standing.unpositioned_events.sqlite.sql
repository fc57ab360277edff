SELECT count(*) AS events
FROM event
WHERE event.position IS NULL
