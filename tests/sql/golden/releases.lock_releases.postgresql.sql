SELECT release.id, release.kind, release.digest, release.media_type, release.size,
    release.released_at
FROM release
WHERE release.namespace_id = :namespace::BIGINT
  AND release.id = ANY (:releases::BIGINT[])
ORDER BY release.id
FOR UPDATE
