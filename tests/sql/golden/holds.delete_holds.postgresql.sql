DELETE FROM hold
WHERE hold.id = ANY (:holds::BIGINT[])
