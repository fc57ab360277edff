DELETE FROM request
WHERE request.id = ANY (ARRAY(
    SELECT request.id
    FROM request
    WHERE request.answered_at < :before::TIMESTAMP WITH TIME ZONE
      AND (request.operation != :operation_1::VARCHAR COLLATE "C" OR (
        SELECT count(*) AS count_1
        FROM release_claim
        WHERE release_claim.claim = request.id
    ) = :param_1::INTEGER)
    ORDER BY request.answered_at
    LIMIT :limit::INTEGER
    FOR UPDATE SKIP LOCKED
))
