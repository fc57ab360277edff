SELECT CAST(sum(held.size) AS BIGINT) AS sum_1
FROM (
    SELECT :param_1::VARCHAR AS kind, manifest.id AS id, manifest.size AS size
    FROM manifest
    WHERE manifest.id = ANY (:manifests::BIGINT[])
    UNION
    SELECT :param_2::VARCHAR AS anon_1, document.id AS id, document.size AS size
    FROM manifest
    JOIN document ON manifest.config_id = document.id
    WHERE manifest.id = ANY (:manifests::BIGINT[])
    UNION
    SELECT :param_3::VARCHAR AS anon_2, blob.id AS id, blob.size AS size
    FROM manifest_layer
    JOIN blob ON blob.id = manifest_layer.blob_id
    WHERE manifest_layer.manifest_id = ANY (:manifests::BIGINT[])
    UNION
    SELECT :param_4::VARCHAR AS anon_3, document.id AS id, document.size AS size
    FROM document
    WHERE document.id = ANY (:documents::BIGINT[])
) AS held
