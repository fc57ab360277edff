DELETE FROM request
WHERE request.id IN (
    SELECT request.id
    FROM request
    WHERE request.answered_at < :before
      AND (request.operation != :operation_1 OR (
        SELECT count(*) AS count_1
        FROM release_claim
        WHERE release_claim.claim = request.id
    ) = :param_1)
    ORDER BY request.answered_at
    LIMIT :limit OFFSET :param_2
)
