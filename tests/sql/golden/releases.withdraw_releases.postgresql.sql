DELETE FROM release
WHERE release.id = ANY (ARRAY(
    SELECT release.id
    FROM release
    WHERE release.id = ANY (:releases::BIGINT[])
    ORDER BY release.id
    FOR UPDATE
))
