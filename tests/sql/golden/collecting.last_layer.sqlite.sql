SELECT max(layer.id) AS max_1
FROM layer
