SELECT namespace.name, release.kind, release.digest, release.media_type, release.size,
    release.released_at
FROM release
JOIN namespace ON namespace.id = release.namespace_id
WHERE release.namespace_id = :namespace
ORDER BY release.id
