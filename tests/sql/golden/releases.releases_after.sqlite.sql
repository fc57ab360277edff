SELECT release.id, release.kind, release.digest, release.media_type, release.size,
    release.released_at
FROM release
WHERE +release.namespace_id = :namespace
  AND +release.kind IN (
    SELECT anon_1.value
    FROM json_each(:kinds) AS anon_1
)
  AND release.id > :after
ORDER BY release.id
LIMIT :limit OFFSET :param_1
