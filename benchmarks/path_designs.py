"""The two places where a path can be indexed, in the SQL of both engines.

A: on the shared `manifest`, joined through `image_manifest` to the namespace.
N: the same tables, but descendants begin with the namespace and not with the range of paths; A has
the index for it, and leaves the choice to the planner.
B: repeated on `image_manifest`, behind its namespace.

Each has what the whole schema needs beside the path, so that sizes can be compared.  Parameters are
written for psycopg.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Design:
    """A design's tables, and its two questions.

    `parents` takes an image's key and gives (image, platform, shared layers); `descendants` takes a
    namespace, a platform and two bounds, both exclusive, and gives images.
    """

    name: str
    tables: tuple[str, str]
    parents: str
    descendants: str


_TABLES = """
CREATE TABLE image (
    id BIGINT PRIMARY KEY, namespace_id BIGINT NOT NULL, digest bytea NOT NULL,
    media_type TEXT NOT NULL, size BIGINT NOT NULL, entered_at BIGINT NOT NULL,
    UNIQUE (namespace_id, digest)
);
CREATE TABLE a_manifest (
    id BIGINT PRIMARY KEY, digest bytea NOT NULL UNIQUE, platform TEXT {c} NOT NULL, path bytea
);
CREATE INDEX a_manifest_path ON a_manifest (platform, path, id) WHERE path IS NOT NULL;
CREATE TABLE a_image_manifest (
    image_id BIGINT NOT NULL, position INTEGER NOT NULL, namespace_id BIGINT NOT NULL,
    manifest_id BIGINT NOT NULL, is_present BOOLEAN NOT NULL, PRIMARY KEY (image_id, position)
);
CREATE INDEX a_image_manifest_use ON a_image_manifest (manifest_id, namespace_id);
CREATE INDEX a_image_manifest_namespace ON a_image_manifest (namespace_id, manifest_id, image_id)
    WHERE is_present;
CREATE TABLE b_manifest (
    id BIGINT PRIMARY KEY, digest bytea NOT NULL UNIQUE, platform TEXT {c} NOT NULL, path bytea
);
CREATE TABLE b_image_manifest (
    image_id BIGINT NOT NULL, position INTEGER NOT NULL, namespace_id BIGINT NOT NULL,
    manifest_id BIGINT NOT NULL, is_present BOOLEAN NOT NULL, platform TEXT {c} NOT NULL,
    path bytea, PRIMARY KEY (image_id, position)
);
CREATE INDEX b_image_manifest_use ON b_image_manifest (manifest_id, namespace_id);
CREATE INDEX b_image_manifest_path ON b_image_manifest (namespace_id, platform, path, image_id)
    WHERE path IS NOT NULL;
"""
POSTGRES_TABLES = _TABLES.format(c='COLLATE "C"')
SQLITE_TABLES = _TABLES.format(c="").replace("bytea", "BLOB")

FILL_B = (
    "INSERT INTO b_manifest SELECT id, digest, platform, path FROM a_manifest ORDER BY id",
    """
    INSERT INTO b_image_manifest
    SELECT held.image_id, held.position, held.namespace_id, held.manifest_id, held.is_present,
           manifest.platform, CASE WHEN held.is_present THEN manifest.path END
    FROM a_image_manifest AS held JOIN a_manifest AS manifest ON manifest.id = held.manifest_id
    ORDER BY held.image_id
    """,
)

# The prefixes are an array of a subquery: with it the plan is stable at every size.
_PREFIXES = """
    ARRAY(SELECT substr(child.path, 1, 8 * layers)
          FROM generate_series(1, octet_length(child.path) / 8 - 1) AS layers)
"""
POSTGRES_A = Design(
    "A",
    ("a_manifest", "a_image_manifest"),
    f"""
    SELECT parent.image_id, found.platform, octet_length(found.path) / 8
    FROM a_image_manifest AS own JOIN a_manifest AS child ON child.id = own.manifest_id
    CROSS JOIN LATERAL (
        SELECT id, platform, path FROM a_manifest
        WHERE platform = child.platform AND path = ANY ({_PREFIXES}) OFFSET 0
    ) AS found
    JOIN a_image_manifest AS parent ON parent.manifest_id = found.id
        AND parent.namespace_id = own.namespace_id AND parent.is_present
    WHERE own.image_id = %s AND own.is_present
    """,  # noqa: S608 - put together from constants
    """
    SELECT held.image_id
    FROM a_image_manifest AS held JOIN a_manifest AS manifest ON manifest.id = held.manifest_id
    WHERE held.namespace_id = %s AND held.is_present
        AND manifest.platform = %s AND manifest.path > %s AND manifest.path < %s
    """,
)
POSTGRES_N = replace(
    POSTGRES_A,
    name="N",
    descendants="""
    SELECT held.image_id
    FROM a_image_manifest AS held CROSS JOIN LATERAL (
        SELECT platform, path FROM a_manifest WHERE id = held.manifest_id OFFSET 0
    ) AS manifest
    WHERE held.namespace_id = %s AND held.is_present
        AND manifest.platform = %s AND manifest.path > %s AND manifest.path < %s
    """,
)
POSTGRES_B = Design(
    "B",
    ("b_manifest", "b_image_manifest"),
    f"""
    SELECT parent.image_id, parent.platform, octet_length(parent.path) / 8
    FROM b_image_manifest AS child JOIN b_image_manifest AS parent
        ON parent.namespace_id = child.namespace_id AND parent.platform = child.platform
        AND parent.path = ANY ({_PREFIXES})
    WHERE child.image_id = %s AND child.path IS NOT NULL
    """,  # noqa: S608 - put together from constants
    """
    SELECT image_id FROM b_image_manifest
    WHERE namespace_id = %s AND platform = %s AND path > %s AND path < %s
    """,
)

# SQLite keeps to the order of CROSS JOIN; left to itself it changes its mind with the fleet's size.
SQLITE_A = Design(
    "A",
    POSTGRES_A.tables,
    """
    WITH RECURSIVE prefix (namespace_id, platform, path, size) AS (
        SELECT own.namespace_id, child.platform, child.path, length(child.path) - 8
        FROM a_image_manifest AS own CROSS JOIN a_manifest AS child ON child.id = own.manifest_id
        WHERE own.image_id = %s AND own.is_present AND length(child.path) > 8
        UNION ALL SELECT namespace_id, platform, path, size - 8 FROM prefix WHERE size > 8
    )
    SELECT parent.image_id, prefix.platform, prefix.size / 8
    FROM prefix CROSS JOIN a_manifest AS found ON found.platform = prefix.platform
        AND found.path = substr(prefix.path, 1, prefix.size)
    CROSS JOIN a_image_manifest AS parent ON parent.manifest_id = found.id
        AND parent.namespace_id = prefix.namespace_id AND parent.is_present
    """,
    POSTGRES_A.descendants,
)
SQLITE_N = replace(
    SQLITE_A,
    name="N",
    descendants="""
    SELECT held.image_id
    FROM a_image_manifest AS held CROSS JOIN a_manifest AS manifest
        ON manifest.id = held.manifest_id
    WHERE held.namespace_id = %s AND held.is_present
        AND manifest.platform = %s AND manifest.path > %s AND manifest.path < %s
    """,
)
SQLITE_B = Design(
    "B",
    POSTGRES_B.tables,
    """
    WITH RECURSIVE prefix (namespace_id, platform, path, size) AS (
        SELECT namespace_id, platform, path, length(path) - 8
        FROM b_image_manifest WHERE image_id = %s AND length(path) > 8
        UNION ALL SELECT namespace_id, platform, path, size - 8 FROM prefix WHERE size > 8
    )
    SELECT parent.image_id, prefix.platform, prefix.size / 8
    FROM prefix CROSS JOIN b_image_manifest AS parent
        ON parent.namespace_id = prefix.namespace_id AND parent.platform = prefix.platform
        AND parent.path = substr(prefix.path, 1, prefix.size)
    """,
    POSTGRES_B.descendants,
)
POSTGRES_DESIGNS = (POSTGRES_A, POSTGRES_N, POSTGRES_B)
SQLITE_DESIGNS = (SQLITE_A, SQLITE_N, SQLITE_B)
