SELECT request.operation, request.answer
FROM request
WHERE request.id = :request::VARCHAR COLLATE "C"
