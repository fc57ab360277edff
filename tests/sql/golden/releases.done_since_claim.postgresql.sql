SELECT done_release.kind, done_release.digest, done_release.who, done_release.done_at
FROM done_release
WHERE done_release.done_at >= (
    SELECT request.answered_at
    FROM request
    WHERE request.id = :claim::VARCHAR COLLATE "C"
)
  AND done_release.namespace = :name::VARCHAR COLLATE "C"
  AND done_release.digest = ANY (:digests::BYTEA[])
ORDER BY done_release.done_at, done_release.id
