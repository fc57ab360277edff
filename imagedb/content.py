"""Content that nobody uses any more: candidates, the sweep, releases.

A delete writes down which manifests and indexes it let go (candidates), in its own transaction.
The sweep, later and in a transaction of its own, tests them in a statement that begins after the
delete's commit, and turns what the namespace no longer uses into releases: work for whoever holds
the bytes. A killed process leaves candidates, never a leak.

Exactly once: sweeps of a namespace follow one another (they lock its row), and content that
another waiting candidate also holds is left to the last of them.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection

from imagedb.database import Database
from imagedb.records import Namespace
from imagedb.sql import content as sql
from imagedb.sql import namespaces as namespaces_sql
from imagedb.sql import unused as unused_sql
from imagedb.unused import find_unused

SWEEP_BATCH: Final = 200
"""Candidates tested in one transaction."""


def let_go(connection: Connection, images: Iterable[int]) -> None:
    """Make candidates of all that these images hold; in the transaction that deletes them."""
    connection.execute(sql.add_candidates_of_images, {"images": list(images)})


def let_go_manifests(
    connection: Connection,
    namespace: Namespace,
    manifests: Iterable[int],
) -> None:
    """Make candidates of manifests that an image stops holding."""
    rows = [{"namespace": namespace.key, "manifest": key} for key in manifests]
    connection.execute(sql.add_manifest_candidates, rows)


def sweep(database: Database) -> int:
    """Test all candidates; returns how much content was found unused.

    A namespace that is being swept or imported into is left to whoever comes next.
    """
    with database.look() as connection:
        namespaces = connection.execute(sql.namespaces_to_sweep).scalars().all()
    return sum(_sweep_namespace(database, key) for key in namespaces)


def _sweep_namespace(database: Database, namespace: int) -> int:
    released = 0
    while True:
        taken, made = database.write(lambda connection: _sweep_batch(connection, namespace))
        released += made
        if taken < SWEEP_BATCH:
            return released


def _sweep_batch(connection: Connection, namespace: int) -> tuple[int, int]:
    """Returns the number of candidates taken, and of contents found unused."""
    values = {"namespace": namespace}
    if connection.execute(namespaces_sql.lock_namespace_for_sweep, values).first() is None:
        return 0, 0
    taken = connection.execute(sql.take_candidates, values | {"limit": SWEEP_BATCH}).all()
    manifests = sorted({row.manifest_id for row in taken if row.manifest_id})
    indexes = sorted({row.document_id for row in taken if row.document_id})
    unused = list(find_unused(connection, unused_sql.SWEPT, values, manifests, indexes))
    if unused:
        connection.execute(sql.add_releases, [values | asdict(content) for content in unused])
    return len(taken), len(unused)
