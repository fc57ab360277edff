INSERT INTO request (id, operation, arguments, answer, answered_at)
VALUES (:request::VARCHAR COLLATE "C", :operation::VARCHAR COLLATE "C", :arguments, :answer::JSONB,
    clock_timestamp())
ON CONFLICT (id) DO NOTHING
RETURNING request.id
