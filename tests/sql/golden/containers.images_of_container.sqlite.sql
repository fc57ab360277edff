SELECT container.image_id
FROM container
WHERE container.id = :container
  AND container.image_id IS NOT NULL
UNION
SELECT container_mount.image_id
FROM container_mount
WHERE container_mount.container_id = :container
  AND container_mount.image_id IS NOT NULL
