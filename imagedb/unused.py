"""Which content a namespace does not use any more, or would not use without some images."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from imagedb.digests import ChainID, chain_above
from imagedb.records import Content, Namespace
from imagedb.sql import unused as sql


def find_freed(
    connection: Connection,
    namespace: Namespace,
    images: Iterable[int],
    dropped: Iterable[int] | None = None,
) -> tuple[Content, ...]:
    """The content that the namespace would stop using if these images left it.

    With `dropped` they only stop holding those manifests. In a quiescent database the sweep
    releases exactly this after they did. Ordered by kind and digest.
    """
    leaving = sorted(images)
    rows = connection.execute(sql.content_of_images, {"images": leaving}).all()
    held = {row.manifest_id for row in rows if row.manifest_id}
    manifests = held if dropped is None else held.intersection(dropped)
    indexes = {row.document_id for row in rows if row.document_id and dropped is None}
    values = {"namespace": namespace.key, "leaving": leaving, "dropped": sorted(manifests)}
    freed = find_unused(connection, sql.FREED, values, sorted(manifests), sorted(indexes))
    return tuple(sorted(freed, key=lambda content: (content.kind, content.digest)))


def count_held(
    connection: Connection, images: Iterable[int], dropped: Iterable[int] | None = None
) -> int:
    """The bytes that these images use, each content once; with `dropped`, by those manifests."""
    rows = connection.execute(sql.content_of_images, {"images": sorted(images)}).all()
    held = {row.manifest_id for row in rows if row.manifest_id}
    manifests = held if dropped is None else held.intersection(dropped)
    documents = {row.document_id for row in rows if row.document_id and dropped is None}
    values = {"manifests": sorted(manifests), "documents": sorted(documents)}
    return connection.execute(sql.bytes_held, values).scalar() or 0


def find_unused(
    connection: Connection,
    questions: sql.UnusedContent,
    values: dict[str, Any],
    manifests: list[int],
    indexes: list[int],
) -> Iterator[Content]:
    """Of these manifests and indexes, and what the manifests use, the content nobody uses."""
    if indexes:
        found = connection.execute(questions.indexes, values | {"documents": indexes})
        yield from (Content("index", *row) for row in found)
    if manifests:
        yield from _unused_with_manifests(connection, questions, values, manifests)


def _unused_with_manifests(
    connection: Connection,
    questions: sql.UnusedContent,
    values: dict[str, Any],
    manifests: list[int],
) -> Iterator[Content]:
    """The manifests, configs, blobs and chains that only these manifests used."""
    rows = connection.execute(questions.manifests, values | {"manifests": manifests}).all()
    if not rows:
        return
    gone = values | {"manifests": [row.id for row in rows]}
    configs = values | {"documents": sorted({row.config_id for row in rows if row.config_id})}
    yield from (Content("manifest", row.digest, row.media_type, row.size) for row in rows)
    for row in connection.execute(questions.configs, configs):
        yield Content("config", *row)
    for row in connection.execute(questions.blobs, gone):
        yield Content("blob", *row)
    for chain in _unused_chains(connection, questions, gone):
        yield Content("chain", chain, None, 0)


def _unused_chains(
    connection: Connection, questions: sql.UnusedContent, gone: dict[str, Any]
) -> Iterator[ChainID]:
    """Chain IDs for whoever holds unpacked snapshots, each once, those of fewer layers first."""
    chains: dict[bytes, ChainID | None] = {b"": None}
    for row in connection.execute(questions.chains, gone):
        chain = chain_above(chains[row.path[: -sql.LAYER_BYTES]], row.diff_id)
        chains[row.path] = chain
        if row.is_unused:
            yield chain
