SELECT namespace.id
FROM namespace
WHERE namespace.id = :namespace
