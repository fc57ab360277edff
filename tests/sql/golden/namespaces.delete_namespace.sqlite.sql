DELETE FROM namespace
WHERE namespace.id = :namespace
