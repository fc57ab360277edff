SELECT namespace.name, count(release.id) AS releases
FROM namespace
LEFT OUTER
JOIN release ON release.namespace_id = namespace.id
GROUP BY namespace.name
ORDER BY namespace.name
