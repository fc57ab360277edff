DELETE FROM manifest_label
WHERE manifest_label.manifest_id IN (
    SELECT anon_1.value
    FROM json_each(:keys) AS anon_1
)
