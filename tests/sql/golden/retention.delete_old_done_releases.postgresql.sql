DELETE FROM done_release
WHERE done_release.id = ANY (ARRAY(
    SELECT done_release.id
    FROM done_release
    WHERE done_release.done_at < :before::TIMESTAMP WITH TIME ZONE
    ORDER BY done_release.done_at
    LIMIT :limit::INTEGER
    FOR UPDATE SKIP LOCKED
))
