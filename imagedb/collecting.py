"""Collecting: shared rows of content go when no namespace uses it and no release of it is open.

Releases are per namespace, rows are shared (docs/adr/0010). When a worker has done with some, their
rows are tested, in short transactions of their own: those that nobody holds, that no release is
open of, and that no candidate waits for are removed. They are found by what was done, so that the
cost does not grow with the fleet. What a killed process leaves, and descriptors that no index
names any more, are found by `collect`, which looks through everything.

Nobody waits: rows that an import holds at the moment are left out, and one that was removed under
an import makes it start over.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import partial
from typing import Final, Protocol

from sqlalchemy import Connection, Delete, Select

from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.sql import collecting as sql

COLLECT_BATCH: Final = 100
"""Contents, with what they are made of, tested in one transaction."""
COLLECT_RANGE: Final = 5_000
"""Rows looked through by one statement."""


class HasDigest(Protocol):
    """A release, or what was one."""

    @property
    def kind(self) -> str:
        """What it is."""

    @property
    def digest(self) -> Digest:
        """Its digest."""


class _Kind(Enum):
    """Rows of content."""

    MANIFEST = 1
    DOCUMENT = 2
    BLOB = 3
    LAYER = 4


Keys = defaultdict[_Kind, set[int]]
"""Rows to be tested, by their numbers."""

_OF_KINDS: Final = (
    (_Kind.MANIFEST, sql.manifests_by_digest, frozenset({"manifest"})),
    (_Kind.DOCUMENT, sql.documents_by_digest, frozenset({"manifest", "config", "index"})),
    (_Kind.BLOB, sql.blobs_by_digest, frozenset({"blob"})),
)
"""Where the content of releases lies; a chain is no row."""
_WALKS: Final = (
    (_Kind.MANIFEST, sql.last_manifest, sql.unused_manifests_between),
    (_Kind.DOCUMENT, sql.last_document, sql.unused_documents_between),
    (_Kind.BLOB, sql.last_blob, sql.unused_blobs_between),
    (_Kind.LAYER, sql.last_layer, sql.unused_layers_between),
)
"""In this order: what a manifest is made of is unused behind it."""


def collect_done(database: Database, done: Iterable[HasDigest]) -> int:
    """Remove what was done, where it is unused by all; returns the number of rows."""
    ordered = sorted(done, key=lambda each: (each.kind != "manifest", each.digest))
    batches = (ordered[at : at + COLLECT_BATCH] for at in range(0, len(ordered), COLLECT_BATCH))
    return sum(database.write(partial(_collect_contents, contents=batch)) for batch in batches)


def collect(database: Database) -> int:
    """Look through all content, and remove what is unused by all; returns the number of rows.

    It takes as long as there is content, in short transactions.
    """
    removed = 0
    for kind, last, unused_between in _WALKS:
        for keys in _unused(database, last, unused_between):
            removed += database.write(partial(_collect_kind, kind=kind, keys=keys))
    return removed


def _unused(
    database: Database, last: Select[int], unused_between: Select[int]
) -> Iterator[list[int]]:
    """Rows that look unused, some at a time."""
    after, end = 0, 1
    while after < end:
        with database.look() as connection:
            end = connection.execute(last).scalar() or 0
            values = {"after": after, "upto": after + COLLECT_RANGE}
            found = list(connection.execute(unused_between, values).scalars())
        for at in range(0, len(found), COLLECT_BATCH):
            yield found[at : at + COLLECT_BATCH]
        after += COLLECT_RANGE


# ── in one transaction ────────────────────────────────────────────────────────────────────────


def _collect_contents(connection: Connection, contents: Sequence[HasDigest]) -> int:
    keys: Keys = defaultdict(set)
    for kind, by_digest, kinds in _OF_KINDS:
        digests = sorted({each.digest for each in contents if each.kind in kinds})
        if digests:
            keys[kind] = set(connection.execute(by_digest, {"digests": digests}).scalars())
    return _collect(connection, keys)


def _collect_kind(connection: Connection, kind: _Kind, keys: Sequence[int]) -> int:
    return _collect(connection, defaultdict(set, {kind: set(keys)}))


def _collect(connection: Connection, keys: Keys) -> int:
    removed = _collect_manifests(connection, keys)
    for kind, lock, delete in (
        (_Kind.DOCUMENT, sql.lock_unused_documents, sql.delete_unused_documents),
        (_Kind.BLOB, sql.lock_unused_blobs, sql.delete_unused_blobs),
        (_Kind.LAYER, sql.lock_unused_layers, sql.delete_unused_layers),
    ):
        removed += _collect_rows(connection, lock, delete, keys[kind])
    return removed


def _collect_rows(
    connection: Connection, lock: Select[int], delete: Delete, keys: Iterable[int]
) -> int:
    """Lock what looks unused, and remove what still is; the statements are those of one kind."""
    locked = _lock(connection, lock, keys)
    return connection.execute(delete, {"keys": locked}).rowcount if locked else 0


def _collect_manifests(connection: Connection, keys: Keys) -> int:
    """Remove manifests, and add what they were made of to what is to be tested."""
    locked = _lock(connection, sql.lock_unused_manifests, keys[_Kind.MANIFEST])
    rows = connection.execute(sql.unused_manifests, {"keys": locked}).all() if locked else []
    if not rows:
        return 0
    found = {"keys": [row.id for row in rows]}
    parts = connection.execute(sql.parts_of_manifests, found).all()
    keys[_Kind.DOCUMENT] |= _known(row.document_id for row in rows)
    keys[_Kind.DOCUMENT] |= _known(row.config_id for row in rows)
    keys[_Kind.LAYER] |= _known(part.layer_id for part in parts)
    keys[_Kind.BLOB] |= _known(part.blob_id for part in parts)
    _reduce(connection, [row.id for row in rows if row.is_named])
    connection.execute(sql.delete_manifests, {"keys": [row.id for row in rows if not row.is_named]})
    return len(rows)


def _known(keys: Iterable[int | None]) -> set[int]:
    return {key for key in keys if key is not None}


def _reduce(connection: Connection, manifests: list[int]) -> None:
    """Leave no more of manifests than their descriptors."""
    if manifests:
        for statement in (
            sql.reduce_manifests,
            sql.delete_layers_of_manifests,
            sql.delete_labels_of_manifests,
        ):
            connection.execute(statement, {"keys": manifests})


def _lock(connection: Connection, lock: Select[int], keys: Iterable[int]) -> list[int]:
    """Lock rows that look unused, but for those that somebody else holds."""
    wanted = sorted(keys)
    return list(connection.execute(lock, {"keys": wanted}).scalars()) if wanted else []
