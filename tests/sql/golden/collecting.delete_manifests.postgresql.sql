DELETE FROM manifest
WHERE manifest.id = ANY (:keys::BIGINT[])
