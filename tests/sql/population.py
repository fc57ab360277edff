"""A database of 10,000 images, and of everything else as much as belongs to them.

The images are the benchmarks' fleet, nine in ten of them in one namespace, on a few hundred bases
of a heavy-tailed popularity. What a fleet lacks (labels, mounts, candidates, releases, events,
requests) is made from its rows, in the engine.
"""

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from sqlalchemy import (
    Connection,
    Row,
    Select,
    Text,
    case,
    cast,
    delete,
    exists,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.sql.expression import ColumnElement

from benchmarks.fleet import Fleet, Options
from benchmarks.fleet_records import Image as FleetImage
from benchmarks.loading import Loader, PostgresSink, SQLiteSink
from imagedb.database import Database
from imagedb.schema import (
    blob,
    candidate,
    container,
    container_detail,
    container_mount,
    document,
    done_release,
    event,
    heartbeat,
    hold,
    host,
    image,
    image_index,
    image_manifest,
    layer,
    manifest,
    manifest_label,
    namespace,
    reference,
    release,
    release_claim,
    request,
)

SIZE: Final = 10_000
SOME: Final = 100
BASES: Final = 500
BUSY: Final = "moby"
"""The namespace with nine in ten of the images."""


def make_fleet() -> list[FleetImage]:
    """Generate the images, with their documents."""
    return list(Fleet(SIZE, Options(bases=BASES, real_documents=True)))


def load(database: Database, images: list[FleetImage]) -> None:
    """Fill an empty database; without statistics."""
    if database.is_sqlite:
        _load_sqlite(database, images)
    else:
        _load_postgresql(database, images)
    with database.engine.begin() as connection:
        for statement in _OTHERS:
            connection.execute(statement)


def analyze(database: Database) -> None:
    """Let the engine count."""
    with database.look() as connection:
        connection.exec_driver_sql("ANALYZE")


def _load_sqlite(database: Database, images: list[FleetImage]) -> None:
    connection = sqlite3.connect(str(database.url.database), isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    Loader(SQLiteSink(connection)).load(images)
    connection.execute("COMMIT")
    connection.close()


def _load_postgresql(database: Database, images: list[FleetImage]) -> None:
    folder = str(database.url.query["host"])
    where = {"dbname": database.url.database, "user": database.url.username, "host": folder}
    with psycopg.connect(**where) as connection, connection.cursor() as cursor:  # type: ignore[arg-type]  # strings
        cursor.execute("SET session_replication_role = replica")  # no foreign keys: twice as fast
        Loader(PostgresSink(cursor)).load(images)


def _text(column: ColumnElement[Any]) -> ColumnElement[str]:
    return cast(column, Text)


def _manifests_of(image_key: int) -> Select[Any]:
    return select(image_manifest.c.manifest_id).where(image_manifest.c.image_id == image_key)


_tenth = image_manifest.c.manifest_id % 10 == 0
LATER: Final = literal(datetime(2100, 1, 1, tzinfo=UTC), release.c.released_at.type)
"""When no lease has run out."""
GONE: Final = SIZE - 1
"""The image that is deleted, and whose content nobody has swept."""
_by_descriptor = manifest.c.id % 40 == 3
_OTHERS: Final = (
    update(manifest).where(_by_descriptor).values(document_id=None, config_id=None, path=None),
    update(image_manifest)
    .where(image_manifest.c.manifest_id % 40 == 3)
    .values(is_present=False, path=None),
    update(container).where(container.c.id % 100 == 0).values(image_id=None),
    insert(manifest_label).from_select(
        ["manifest_id", "key", "value"],
        select(manifest.c.id, literal("version"), _text(manifest.c.id)),
    ),
    insert(container_mount).from_select(
        [column.name for column in container_mount.c],
        select(
            container.c.id,
            literal(0),
            container.c.namespace_id,
            literal("data:1"),
            literal("/data"),
            container.c.image_digest,
            container.c.image_id,
        ).where(container.c.id % 9 == 0),
    ),
    insert(container_detail).from_select(
        [column.name for column in container_detail.c],
        select(
            container.c.id,
            literal({"role": "web"}, container_detail.c.labels.type),
            literal("sleep infinity"),
            null(),
        ).where(container.c.id % 3 == 0),
    ),
    insert(candidate).from_select(
        ["namespace_id", "manifest_id", "document_id"],
        select(image_manifest.c.namespace_id, image_manifest.c.manifest_id, null()).where(_tenth),
    ),
    insert(candidate).from_select(
        ["namespace_id", "manifest_id", "document_id"],
        select(image.c.namespace_id, null(), image_index.c.document_id)
        .join_from(image_index, image)
        .where(image.c.id % 10 == 0),
    ),
    insert(release).from_select(
        ["namespace_id", "kind", "digest", "size", "released_at"],
        select(
            image_manifest.c.namespace_id,
            literal("config"),
            document.c.digest,
            document.c.size,
            manifest.c.created_at,
        )
        .join_from(image_manifest, manifest, image_manifest.c.manifest_id == manifest.c.id)
        .join(document, manifest.c.config_id == document.c.id),
    ),
    insert(hold).from_select(
        ["namespace_id", "image_id", "reason", "who", "held_at"],
        select(
            image.c.namespace_id, image.c.id, literal("audit"), literal("ops"), image.c.entered_at
        ).where(image.c.id % 5 == 0),
    ),
    insert(heartbeat).from_select(
        [column.name for column in heartbeat.c],
        select(host.c.id, host.c.created_at, literal(60), host.c.created_at),
    ),
    insert(release_claim).from_select(
        [column.name for column in release_claim.c],
        select(
            release.c.id,
            literal("c") + _text(release.c.id // 1_000),
            literal("worker"),
            release.c.released_at,
            case((release.c.id % 20 == 0, LATER), else_=release.c.released_at),
        ).where(release.c.id % 10 == 0),
    ),
    insert(done_release).from_select(
        [column.name for column in done_release.c if column.name != "id"],
        select(
            namespace.c.name,
            release.c.kind,
            release.c.digest,
            release.c.media_type,
            release.c.size,
            release.c.released_at,
            release.c.released_at,
            literal("worker"),
        ).join_from(release, namespace),
    ),
    insert(event).from_select(
        [column.name for column in event.c if column.name != "id"],
        select(
            image.c.id,
            image.c.entered_at,
            namespace.c.name,
            null(),
            literal("image"),
            literal("load"),
            _text(image.c.id),
            _text(image.c.id),
            literal({}, event.c.attributes.type),
            literal("loader"),
            literal(""),
            literal("r") + _text(image.c.id),
        ).join_from(image, namespace),
    ),
    insert(request).from_select(
        [column.name for column in request.c],
        select(
            literal("r") + _text(image.c.id),
            literal("import_images"),
            image.c.digest,
            literal([], request.c.answer.type),
            image.c.entered_at,
        ),
    ),
    delete(candidate).where(candidate.c.manifest_id.in_(_manifests_of(GONE))),
    delete(container_mount).where(container_mount.c.image_id == GONE),
    delete(container).where(container.c.image_id == GONE),
    delete(reference).where(reference.c.image_id == GONE),
    delete(hold).where(hold.c.image_id == GONE),
    delete(image).where(image.c.id == GONE),
)


class Known:
    """What is asked for: values out of a loaded database, by the parameters' names."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.namespace = self._one(select(namespace.c.id).where(namespace.c.name == BUSY))
        self.base, self.middle, self.leaf = self._bases_and_leaf()
        self.images = self._some(image.c.id, image.c.namespace_id == self.namespace)
        self.digests = self._some(image.c.digest, image.c.id.in_(self.images))
        self.base_manifests = self._some(
            image_manifest.c.manifest_id, image_manifest.c.image_id == self.base, limit=None
        )
        self.manifests = self._some(
            image_manifest.c.manifest_id, image_manifest.c.image_id.in_([self.base, *self.images])
        )
        self.manifest_digests = self._some(manifest.c.digest, manifest.c.id.in_(self.manifests))
        self.documents = self._some(manifest.c.config_id, manifest.c.id.in_(self.manifests))
        self.document_digests = self._some(document.c.digest, document.c.id.in_(self.documents))
        self.indexes = self._some(image_index.c.document_id)
        self.early, *_, self.lately = self._some(event.c.time, limit=None)[SOME:-SOME]
        self.names = self._some(reference.c.name, reference.c.image_id.in_(self.images))
        self.layers = self._some(layer.c.diff_id)
        self.blobs = self._some(blob.c.digest)
        self.containers = self._some(container.c.id, container.c.namespace_id == self.namespace)
        row: Any = connection.execute(
            select(image_manifest.c.platform, image_manifest.c.path)
            .where(image_manifest.c.image_id == self.middle)
            .order_by(image_manifest.c.position)
            .limit(1)
        ).one()
        self.platform: str = row.platform
        self.path: bytes = row.path
        self.unused = self._some(
            image.c.id,
            *(
                ~exists().where(user.c.image_id == image.c.id)
                for user in (reference, container, container_mount, hold)
            ),
        )
        named = exists().where(image_manifest.c.manifest_id == manifest.c.id)
        self.gone_manifests = self._some(manifest.c.id, ~named)
        self.gone_documents = self._some(
            manifest.c.config_id, manifest.c.id.in_(self.gone_manifests)
        )

    def one_of(self, column: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Any:  # noqa: ANN401 - of the column
        """A single value."""
        return self._some(column, *conditions, limit=1)[0]

    def _bases_and_leaf(self) -> tuple[int, int, int]:
        """The image on which most others are built, one with some 100, and a deep one of these."""
        rows = self._connection.execute(
            select(image_manifest.c.platform, image_manifest.c.path, image_manifest.c.image_id)
            .where(
                image_manifest.c.namespace_id == self.namespace,
                image_manifest.c.path.is_not(None),
            )
            .order_by(image_manifest.c.platform, image_manifest.c.path)
        ).all()
        keys = [(str(row.platform), row.path or b"") for row in rows]

        def children(row: Row[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
            first = bisect_right(keys, (row.platform, row.path))
            return rows[first : bisect_left(keys, (row.platform, row.path + b"\xff" * 8))]

        counted = sorted((len(children(row)), row) for row in rows if row.image_id <= BASES)
        base = counted[-1][1]
        middle = next(row for count, row in counted if count >= SOME)
        leaf = max(children(base), key=lambda row: len(row.path))
        return base.image_id, middle.image_id, leaf.image_id

    def _one(self, statement: Select[int]) -> int:
        return self._connection.execute(statement).scalar_one()

    def _some(
        self, column: ColumnElement[Any], *conditions: ColumnElement[bool], limit: int | None = 5
    ) -> list[Any]:
        statement = select(column).where(*conditions).distinct().order_by(column).limit(limit)
        return list(self._connection.execute(statement).scalars())
