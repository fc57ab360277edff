SELECT done_release.id, done_release.kind, done_release.digest
FROM done_release
WHERE done_release.done_at < :before::TIMESTAMP WITH TIME ZONE
ORDER BY done_release.done_at
LIMIT :limit::INTEGER
