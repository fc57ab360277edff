SELECT host.id
FROM host
WHERE host.id = :host::BIGINT
FOR UPDATE
