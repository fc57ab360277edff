INSERT INTO request (id, operation, arguments, answer, answered_at)
VALUES (:claim, :operation, :arguments, :answer, CAST((julianday('now') - 2440587.5) * 86400000000
    AS INTEGER))
