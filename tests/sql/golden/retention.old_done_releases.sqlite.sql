SELECT done_release.id, done_release.kind, done_release.digest, done_release.done_at
FROM done_release
WHERE done_release.done_at < :before
  AND (done_release.done_at, done_release.id) > (:after, :last)
ORDER BY done_release.done_at, done_release.id
LIMIT :limit OFFSET :param_1
