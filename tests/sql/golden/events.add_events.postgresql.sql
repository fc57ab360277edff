INSERT INTO event (time, namespace, host, type, action, actor_id, name, attributes, who,
    database_user, request_id)
VALUES (clock_timestamp(), :namespace::VARCHAR COLLATE "C", :host::VARCHAR COLLATE "C",
    :type::VARCHAR COLLATE "C", :action::VARCHAR COLLATE "C", :actor_id::VARCHAR COLLATE "C",
    :name::VARCHAR COLLATE "C", :attributes::JSONB, :who::VARCHAR, session_user,
    :request_id::VARCHAR COLLATE "C")
RETURNING event.id
