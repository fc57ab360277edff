WITH waiting AS (
    SELECT event.id AS id, greatest(
        (
            SELECT coalesce(max(event.position), :coalesce_2::INTEGER) AS coalesce_1
            FROM event
        ), (
            SELECT coalesce(max(event_cut.position), :coalesce_4::INTEGER) AS coalesce_3
            FROM event_cut
        )
    ) + row_number() OVER (ORDER BY event.id) AS position
    FROM event
    WHERE event.position IS NULL
) UPDATE event
SET position=waiting.position
FROM waiting
WHERE event.id = waiting.id
