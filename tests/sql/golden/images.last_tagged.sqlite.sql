SELECT max(reference.updated_at) AS max_1
FROM reference
WHERE reference.image_id = :image
