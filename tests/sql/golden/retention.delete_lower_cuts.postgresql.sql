DELETE FROM event_cut
WHERE event_cut.position = ANY (ARRAY(
    SELECT event_cut.position
    FROM event_cut
    WHERE event_cut.position < :position::BIGINT
    ORDER BY event_cut.position
    FOR UPDATE SKIP LOCKED
))
