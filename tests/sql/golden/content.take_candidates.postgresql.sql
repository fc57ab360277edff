DELETE FROM candidate
WHERE candidate.id = ANY (ARRAY(
    SELECT candidate.id
    FROM candidate
    WHERE candidate.namespace_id = :namespace::BIGINT
    ORDER BY candidate.manifest_id, candidate.id
    LIMIT :limit::INTEGER
))
RETURNING candidate.manifest_id, candidate.document_id
