SELECT max(blob.id) AS max_1
FROM blob
