DELETE FROM container
WHERE container.id = ANY (:containers::BIGINT[])
