SELECT layer.id, layer.diff_id
FROM layer
WHERE layer.diff_id = ANY (:digests::BYTEA[])
ORDER BY layer.diff_id
FOR KEY SHARE
