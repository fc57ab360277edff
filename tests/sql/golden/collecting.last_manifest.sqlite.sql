SELECT max(manifest.id) AS max_1
FROM manifest
