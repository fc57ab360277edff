DELETE FROM event_cut
WHERE event_cut.position IN (
    SELECT event_cut.position
    FROM event_cut
    WHERE event_cut.position < :position
    ORDER BY event_cut.position
)
