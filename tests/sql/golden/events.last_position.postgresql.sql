SELECT coalesce(max(event.position), :coalesce_1::INTEGER) AS position
FROM event
