UPDATE request
SET answer=:answer::JSONB
WHERE request.id = :claim::VARCHAR COLLATE "C"
