DELETE FROM release
WHERE release.id = ANY (ARRAY(
    SELECT release.id
    FROM release
    WHERE release.namespace_id = :namespace::BIGINT
      AND release.kind IN (:kind_1)
      AND release.digest = ANY (:digests::BYTEA[])
    ORDER BY release.id
    FOR UPDATE
))
