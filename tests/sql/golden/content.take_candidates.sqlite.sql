DELETE FROM candidate
WHERE candidate.id IN (
    SELECT candidate.id
    FROM candidate
    WHERE candidate.namespace_id = :namespace
    ORDER BY candidate.manifest_id, candidate.id
    LIMIT :limit OFFSET :param_1
)
RETURNING manifest_id, document_id
