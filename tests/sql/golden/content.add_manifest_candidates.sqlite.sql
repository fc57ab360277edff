INSERT INTO candidate (namespace_id, manifest_id)
VALUES (:namespace, :manifest)
