INSERT INTO image_index (image_id, position, document_id)
VALUES (:image_id, :position, :document_id)
