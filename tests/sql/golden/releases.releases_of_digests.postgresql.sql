SELECT release.id, release.kind, release.digest, release.media_type, release.size,
    release.released_at
FROM release
WHERE release.namespace_id = :namespace::BIGINT
  AND release.digest = ANY (:digests::BYTEA[])
ORDER BY release.id
