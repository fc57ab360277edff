INSERT INTO event (time, namespace, host, type, action, actor_id, name, attributes, who,
    database_user, request_id)
VALUES (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER), :namespace, :host, :type,
    :action, :actor_id, :name, :attributes, :who, '', :request_id)
