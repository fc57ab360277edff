UPDATE request
SET answer=:answer
WHERE request.id = :claim
