SELECT max(loads_and_cuts.time) AS max_1
FROM (
    SELECT event.time AS time
    FROM event
    WHERE event.time >= (
        SELECT request.answered_at
        FROM request
        WHERE request.id = :claim
    )
      AND +event.namespace = :name
      AND event.action = :action_1
    UNION ALL
    SELECT event_cut.cut_at AS cut_at
    FROM event_cut
) AS loads_and_cuts
