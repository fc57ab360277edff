DELETE FROM done_release
WHERE done_release.id = ANY (:releases::BIGINT[])
