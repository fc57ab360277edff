"""Content that nobody uses any more: candidates, the sweep, releases.

A delete writes down which manifests and indexes it let go (candidates), in its own transaction.
The sweep, later and in a transaction of its own, tests them in a statement that begins after the
delete's commit, and turns what the namespace no longer uses into releases: work for whoever holds
the bytes. A killed process leaves candidates, never a leak.

Exactly once: sweeps of a namespace follow one another (they lock its row), and content that
another waiting candidate also holds is left to the last of them.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Connection

from imagedb.database import Database
from imagedb.digests import ChainID, chain_ids
from imagedb.records import Namespace, Release
from imagedb.sql import content as sql
from imagedb.sql import namespaces as namespaces_sql

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
    unused = [*_unused_indexes(connection, values, indexes)]
    unused += _unused_by_manifests(connection, values, manifests)
    if unused:
        connection.execute(sql.add_releases, [values | release for release in unused])
    return len(taken), len(unused)


def _unused_indexes(
    connection: Connection,
    values: dict[str, Any],
    indexes: list[int],
) -> Iterator[dict[str, Any]]:
    if indexes:
        rows = connection.execute(sql.unused_indexes, values | {"documents": indexes})
        for row in rows:
            yield _release("index", row.digest, row.media_type, row.size)


def _unused_by_manifests(
    connection: Connection,
    values: dict[str, Any],
    manifests: list[int],
) -> Iterator[dict[str, Any]]:
    """The manifests, configs, blobs and chains that only these manifests used."""
    rows = connection.execute(sql.unused_manifests, values | {"manifests": manifests}).all()
    if not rows:
        return
    gone = values | {"manifests": [row.id for row in rows]}
    configs = values | {"documents": sorted({row.config_id for row in rows if row.config_id})}
    for _, digest, media_type, size, _ in rows:
        yield _release("manifest", digest, media_type, size)
    for digest, media_type, size in connection.execute(sql.unused_configs, configs):
        yield _release("config", digest, media_type, size)
    for digest, media_type, size in connection.execute(sql.unused_blobs, gone):
        yield _release("blob", digest, media_type, size)
    for chain in _unused_chains(connection, gone):
        yield _release("chain", chain, None, 0)


def _unused_chains(connection: Connection, gone: dict[str, Any]) -> list[ChainID]:
    """Chain IDs for whoever holds unpacked snapshots, each once, in the order they are met."""
    layers: dict[int, list[Any]] = {}
    for row in connection.execute(sql.chains_of_manifests, gone):
        layers.setdefault(row.manifest_id, []).append(row)
    found: dict[ChainID, None] = {}
    for rows in layers.values():
        chains = chain_ids(row.diff_id for row in rows)
        found |= dict.fromkeys(
            chain for chain, row in zip(chains, rows, strict=True) if row.is_unused
        )
    return list(found)


def _release(kind: str, digest: str, media_type: str | None, size: int) -> dict[str, Any]:
    return {"kind": kind, "digest": digest, "media_type": media_type, "size": size}


def list_releases(connection: Connection, namespace: Namespace) -> tuple[Release, ...]:
    """Content released and not yet done, oldest first."""
    rows = connection.execute(sql.releases_of_namespace, {"namespace": namespace.key})
    return tuple(Release(*row) for row in rows)
