DELETE FROM manifest_label
WHERE manifest_label.manifest_id = ANY (:keys::BIGINT[])
