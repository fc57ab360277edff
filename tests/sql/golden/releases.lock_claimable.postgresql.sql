SELECT release.id, release.kind, release.digest, release.media_type, release.size,
    release.released_at
FROM release
WHERE release.namespace_id = :namespace::BIGINT
  AND release.kind = ANY (:kinds::TEXT[] COLLATE "C")
  AND (
    SELECT release_claim.until >= clock_timestamp() AS anon_1
    FROM release_claim
    WHERE release_claim.release_id = release.id
) IS NOT true
ORDER BY release.id
LIMIT :limit::INTEGER
FOR UPDATE SKIP LOCKED
