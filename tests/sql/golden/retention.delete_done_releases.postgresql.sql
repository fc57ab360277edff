DELETE FROM done_release
WHERE done_release.id = ANY (:releases::BIGINT[])
  AND ((done_release.kind NOT IN (:kind_1)) OR NOT (EXISTS (
    SELECT *
    FROM manifest
    WHERE manifest.digest = done_release.digest
      AND manifest.document_id IS NOT NULL
      AND NOT (EXISTS (
        SELECT *
        FROM image_manifest
        WHERE image_manifest.manifest_id = manifest.id
          AND image_manifest.is_present
    ))
)))
  AND ((done_release.kind NOT IN (:kind_2)) OR NOT (EXISTS (
    SELECT *
    FROM document
    WHERE document.digest = done_release.digest
      AND NOT (EXISTS (
        SELECT *
        FROM manifest
        WHERE manifest.document_id = document.id
    ))
      AND NOT (EXISTS (
        SELECT *
        FROM manifest, image_manifest
        WHERE manifest.config_id = document.id
          AND image_manifest.manifest_id = manifest.id
          AND image_manifest.is_present
    ))
      AND NOT (EXISTS (
        SELECT *
        FROM image_index
        WHERE image_index.document_id = document.id
    ))
)))
  AND ((done_release.kind NOT IN (:kind_3)) OR NOT (EXISTS (
    SELECT *
    FROM blob
    WHERE blob.digest = done_release.digest
      AND NOT (EXISTS (
        SELECT *
        FROM manifest_layer, manifest, image_manifest
        WHERE manifest_layer.blob_id = blob.id
          AND manifest_layer.manifest_id = manifest.id
          AND image_manifest.manifest_id = manifest.id
          AND image_manifest.is_present
    ))
)))
