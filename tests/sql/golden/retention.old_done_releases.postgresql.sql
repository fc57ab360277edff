SELECT done_release.id, done_release.kind, done_release.digest, done_release.done_at
FROM done_release
WHERE done_release.done_at < :before::TIMESTAMP WITH TIME ZONE
  AND (done_release.done_at, done_release.id) > (:after::TIMESTAMP WITH TIME ZONE, :last::BIGINT)
ORDER BY done_release.done_at, done_release.id
LIMIT :limit::INTEGER
