DELETE FROM release
WHERE release.id = ANY (:releases::BIGINT[])
