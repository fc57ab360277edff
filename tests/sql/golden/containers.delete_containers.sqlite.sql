DELETE FROM container
WHERE container.id IN (:containers)
