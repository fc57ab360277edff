SELECT EXISTS (
    SELECT *
    FROM image
    WHERE image.namespace_id = :namespace
) AS images, EXISTS (
    SELECT *
    FROM container
    WHERE container.namespace_id = :namespace
) AS containers, EXISTS (
    SELECT *
    FROM host
    WHERE host.namespace_id = :namespace
) AS hosts, EXISTS (
    SELECT *
    FROM release
    WHERE release.namespace_id = :namespace
) AS "released content whose bytes are not deleted yet", EXISTS (
    SELECT *
    FROM candidate
    WHERE candidate.namespace_id = :namespace
) AS "content to be swept"
