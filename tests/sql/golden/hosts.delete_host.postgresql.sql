DELETE FROM host
WHERE host.id = :host::BIGINT
