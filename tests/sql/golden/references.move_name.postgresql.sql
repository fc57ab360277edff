UPDATE reference
SET image_id=:to::BIGINT, updated_at=clock_timestamp()
WHERE reference.namespace_id = :namespace::BIGINT
  AND reference.name = :at::VARCHAR COLLATE "C"
  AND reference.image_id = :from::BIGINT
