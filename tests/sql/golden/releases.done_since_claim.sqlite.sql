SELECT done_release.kind, done_release.digest, done_release.who, done_release.done_at
FROM done_release
WHERE done_release.done_at >= (
    SELECT request.answered_at
    FROM request
    WHERE request.id = :claim
)
  AND +done_release.namespace = :name
  AND +done_release.digest IN (:digests)
ORDER BY done_release.done_at, done_release.id
