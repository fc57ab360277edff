SELECT namespace.id
FROM namespace
WHERE namespace.id = :namespace::BIGINT
FOR NO KEY UPDATE
