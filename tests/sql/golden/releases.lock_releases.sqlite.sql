SELECT release.id, release.kind, release.digest, release.media_type, release.size,
    release.released_at
FROM release
WHERE +release.namespace_id = :namespace
  AND release.id IN (
    SELECT anon_1.value
    FROM json_each(:releases) AS anon_1
)
ORDER BY release.id
