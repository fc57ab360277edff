SELECT release.id, release.kind, release.digest, release.media_type, release.size,
    release.released_at
FROM release
WHERE +release.namespace_id = :namespace
  AND release.digest IN (:digests)
ORDER BY release.id
