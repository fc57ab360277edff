SELECT count(candidate.id) AS candidates
FROM candidate
