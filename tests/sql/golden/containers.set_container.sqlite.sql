UPDATE container
SET name=:name, image_digest=:image_digest, image_id=:image_id, reference=:reference,
    platform=:platform, state=:state, created_at=:created_at, started_at=:started_at,
    finished_at=:finished_at
WHERE container.id = :container
