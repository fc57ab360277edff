SELECT request.answer
FROM request
WHERE request.id = :claim
  AND request.operation = :operation_1
