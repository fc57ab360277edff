UPDATE container
SET name=:name::VARCHAR COLLATE "C", image_digest=:image_digest, image_id=:image_id::BIGINT,
    reference=:reference::VARCHAR, platform=:platform::VARCHAR COLLATE "C", state=:state::VARCHAR
    COLLATE "C", created_at=:created_at::TIMESTAMP WITH TIME ZONE, started_at=:started_at::TIMESTAMP
    WITH TIME ZONE, finished_at=:finished_at::TIMESTAMP WITH TIME ZONE
WHERE container.id = :container::BIGINT
