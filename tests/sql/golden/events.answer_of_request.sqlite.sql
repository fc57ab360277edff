SELECT request.operation, request.arguments, request.answer
FROM request
WHERE request.id = :request
