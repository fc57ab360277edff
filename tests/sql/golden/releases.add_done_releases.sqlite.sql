INSERT INTO done_release (namespace, kind, digest, media_type, size, released_at, done_at, who)
SELECT namespace.name, release.kind, release.digest, release.media_type, release.size,
    release.released_at, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS anon_1,
    :who AS anon_2
FROM release
JOIN namespace ON namespace.id = release.namespace_id
WHERE release.id IN (
    SELECT anon_3.value
    FROM json_each(:releases) AS anon_3
)
ORDER BY release.id
