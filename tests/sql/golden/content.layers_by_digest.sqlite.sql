SELECT layer.id, layer.diff_id
FROM layer
WHERE layer.diff_id IN (:digests)
ORDER BY layer.diff_id
