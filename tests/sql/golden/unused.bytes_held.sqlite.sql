SELECT CAST(sum(held.size) AS INTEGER) AS sum_1
FROM (
    SELECT :param_1 AS kind, manifest.id AS id, manifest.size AS size
    FROM manifest
    WHERE manifest.id IN (
        SELECT anon_1.value
        FROM json_each(:manifests) AS anon_1
    )
    UNION
    SELECT :param_2 AS anon_2, document.id AS id, document.size AS size
    FROM manifest
    JOIN document ON manifest.config_id = document.id
    WHERE manifest.id IN (
        SELECT anon_3.value
        FROM json_each(:manifests) AS anon_3
    )
    UNION
    SELECT :param_3 AS anon_4, blob.id AS id, blob.size AS size
    FROM manifest_layer
    JOIN blob ON blob.id = manifest_layer.blob_id
    WHERE manifest_layer.manifest_id IN (
        SELECT anon_5.value
        FROM json_each(:manifests) AS anon_5
    )
    UNION
    SELECT :param_4 AS anon_6, document.id AS id, document.size AS size
    FROM document
    WHERE document.id IN (
        SELECT anon_7.value
        FROM json_each(:documents) AS anon_7
    )
) AS held
