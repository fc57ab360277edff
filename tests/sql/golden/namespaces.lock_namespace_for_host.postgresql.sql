SELECT namespace.id
FROM namespace
WHERE namespace.id = :namespace::BIGINT
FOR KEY SHARE
