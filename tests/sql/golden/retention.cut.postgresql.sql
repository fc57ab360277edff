SELECT max(event_cut.position) AS max_1
FROM event_cut
