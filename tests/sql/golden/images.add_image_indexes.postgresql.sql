INSERT INTO image_index (image_id, position, document_id)
VALUES (:image_id::BIGINT, :position::INTEGER, :document_id::BIGINT)
