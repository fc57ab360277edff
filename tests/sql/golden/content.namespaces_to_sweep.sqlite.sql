SELECT DISTINCT candidate.namespace_id
FROM candidate
