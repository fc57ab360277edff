SELECT max(document.id) AS max_1
FROM document
