SELECT coalesce(max(given.position), :coalesce_1::INTEGER) AS position
FROM (
    SELECT max(event.position) AS position
    FROM event
    UNION ALL
    SELECT max(event_cut.position) AS max_1
    FROM event_cut
) AS given
