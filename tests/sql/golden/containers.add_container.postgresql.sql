INSERT INTO container (namespace_id, host_id, container_id, name, image_digest, image_id, reference,
    platform, state, created_at, started_at, finished_at)
VALUES (:namespace::BIGINT, :host::BIGINT, :container_id::VARCHAR COLLATE "C", :name::VARCHAR
    COLLATE "C", :image_digest, :image_id::BIGINT, :reference::VARCHAR, :platform::VARCHAR COLLATE
    "C", :state::VARCHAR COLLATE "C", coalesce(:created_at::TIMESTAMP WITH TIME ZONE,
    clock_timestamp()), :started_at::TIMESTAMP WITH TIME ZONE, :finished_at::TIMESTAMP WITH TIME
    ZONE)
RETURNING container.id
