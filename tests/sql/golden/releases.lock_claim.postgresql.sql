SELECT request.answer
FROM request
WHERE request.id = :claim::VARCHAR COLLATE "C"
  AND request.operation = :operation_1::VARCHAR COLLATE "C"
FOR UPDATE
