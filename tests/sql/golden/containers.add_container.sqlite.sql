INSERT INTO container (namespace_id, host_id, container_id, name, image_digest, image_id, reference,
    platform, state, created_at, started_at, finished_at)
VALUES (:namespace, :host, :container_id, :name, :image_digest, :image_id, :reference, :platform,
    :state, coalesce(:created_at, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    :started_at, :finished_at)
RETURNING id
