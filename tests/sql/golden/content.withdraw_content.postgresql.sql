DELETE FROM release
WHERE release.namespace_id = :namespace::BIGINT
  AND release.kind != :kind_1::VARCHAR COLLATE "C"
  AND release.digest = ANY (:digests::BYTEA[])
