SELECT event.id, event.position, event.time, event.namespace, event.host, event.type, event.action,
    event.actor_id, event.name, event.attributes, event.who, event.database_user, event.request_id
FROM event
WHERE event.time >= :since::TIMESTAMP WITH TIME ZONE
  AND event.position > :after::BIGINT
  AND event.namespace = :namespace_1::VARCHAR COLLATE "C"
  AND event.time <= :time_1::TIMESTAMP WITH TIME ZONE
ORDER BY event.position
