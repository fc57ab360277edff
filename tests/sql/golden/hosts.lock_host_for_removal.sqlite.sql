SELECT host.id
FROM host
WHERE host.id = :host
