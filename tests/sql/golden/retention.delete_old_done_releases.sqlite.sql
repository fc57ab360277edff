DELETE FROM done_release
WHERE done_release.id IN (
    SELECT done_release.id
    FROM done_release
    WHERE done_release.done_at < :before
    ORDER BY done_release.done_at
    LIMIT :limit OFFSET :param_1
)
