INSERT INTO done_release (namespace, kind, digest, media_type, size, released_at, done_at, who)
SELECT namespace.name, release.kind, release.digest, release.media_type, release.size,
    release.released_at, clock_timestamp() AS anon_1, :who::VARCHAR AS anon_2
FROM release
JOIN namespace ON namespace.id = release.namespace_id
WHERE release.id = ANY (:releases::BIGINT[])
ORDER BY release.id
