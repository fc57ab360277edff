SELECT release.id, release.kind, release.digest, release.media_type, release.size,
    release.released_at
FROM release
WHERE +release.namespace_id = :namespace
  AND +release.kind IN (
    SELECT anon_1.value
    FROM json_each(:kinds) AS anon_1
)
  AND (
    SELECT release_claim.until >= CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS
        anon_2
    FROM release_claim
    WHERE release_claim.release_id = release.id
) IS NOT 1
ORDER BY release.id
LIMIT :limit OFFSET :param_1
