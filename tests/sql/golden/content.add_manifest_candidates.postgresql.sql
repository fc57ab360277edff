INSERT INTO candidate (namespace_id, manifest_id)
VALUES (:namespace::BIGINT, :manifest::BIGINT)
RETURNING candidate.id
