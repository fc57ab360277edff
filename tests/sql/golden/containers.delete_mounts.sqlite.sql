DELETE FROM container_mount
WHERE container_mount.container_id IN (:containers)
