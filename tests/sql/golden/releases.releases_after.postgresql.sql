SELECT release.id, release.kind, release.digest, release.media_type, release.size,
    release.released_at
FROM release
WHERE release.namespace_id = :namespace::BIGINT
  AND release.kind = ANY (:kinds::TEXT[] COLLATE "C")
  AND release.id > :after::BIGINT
ORDER BY release.id
LIMIT :limit::INTEGER
