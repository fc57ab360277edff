DELETE FROM release
WHERE release.id IN (
    SELECT release.id
    FROM release
    WHERE release.namespace_id = :namespace
      AND release.kind IN (:kind_1)
      AND release.digest IN (:digests)
    ORDER BY release.id
)
