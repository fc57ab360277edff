INSERT INTO container_mount (container_id, position, namespace_id, source, target, image_digest,
    image_id)
VALUES (:container_id::BIGINT, :position::INTEGER, :namespace_id::BIGINT, :source::VARCHAR,
    :target::VARCHAR, :image_digest, :image_id::BIGINT)
