UPDATE event
SET position=event.id
WHERE event.position IS NULL
