SELECT coalesce(max(event.position), :coalesce_1) AS position
FROM event
