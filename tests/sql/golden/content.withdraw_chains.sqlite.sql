DELETE FROM release
WHERE release.namespace_id = :namespace
  AND release.kind = :kind_1
  AND release.digest IN (:digests)
