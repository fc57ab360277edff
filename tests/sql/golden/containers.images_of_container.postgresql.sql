SELECT container.image_id
FROM container
WHERE container.id = :container::BIGINT
  AND container.image_id IS NOT NULL
UNION
SELECT container_mount.image_id
FROM container_mount
WHERE container_mount.container_id = :container::BIGINT
  AND container_mount.image_id IS NOT NULL
