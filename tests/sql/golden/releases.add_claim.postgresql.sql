INSERT INTO request (id, operation, arguments, answer, answered_at)
VALUES (:claim::VARCHAR COLLATE "C", :operation::VARCHAR COLLATE "C", :arguments, :answer::JSONB,
    clock_timestamp())
