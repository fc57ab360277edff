"""Content, stored once: layers, blobs, documents and manifests, by their digests.

Each kind is inserted in the order of its digests, so that two importers of the same content wait
for one another in one order only, and is then found and kept (FOR KEY SHARE) by a later statement.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable

from imagedb.columns import UNKNOWN_TIME
from imagedb.database import StartOver
from imagedb.digests import ChainID, Digest, chain_ids
from imagedb.records import Document, ManifestKind, SourceImage, SourceManifest
from imagedb.schema import MAX_PATH_LAYERS
from imagedb.sql import content as sql
from imagedb.texts import storable

D = TypeVar("D", bound=Digest)
Keys = dict[Digest, int]
"""The rows' numbers, by digest."""


@dataclass(frozen=True, slots=True)
class StoredContent:
    """Where the content of some images is stored."""

    layers: Keys
    blobs: Keys
    documents: Keys
    manifests: Keys
    relearned: set[int] = field(default_factory=set)
    """Manifests that were stored, and of which more is known now."""

    def path_of(self, manifest: SourceManifest) -> bytes | None:
        """The path of an image's manifest that has layers, however many."""
        layers = manifest.layers
        if manifest.kind is not ManifestKind.IMAGE or not layers:
            return None
        numbers = [self.layers[layer.diff_id] for layer in layers if layer.diff_id]
        if len(numbers) != len(layers):
            return None
        return struct.pack(f">{len(numbers)}q", *numbers)

    def matched_path_of(self, manifest: SourceManifest) -> bytes | None:
        """The path by which an image is found: of what it holds, if it is not too deep."""
        if not manifest.is_present or len(manifest.layers) > MAX_PATH_LAYERS:
            return None
        return self.path_of(manifest)


def store_content(connection: Connection, images: Iterable[SourceImage]) -> StoredContent:
    """Store what images are made of, where it is not stored yet.

    Raises:
        StartOver: somebody removed some of it meanwhile.
    """
    sources = list(images)
    manifests = {manifest.digest: manifest for image in sources for manifest in image.manifests}
    manifests |= {
        manifest.digest: manifest
        for image in sources
        for manifest in image.manifests
        if manifest.is_present
    }
    stored = StoredContent(
        layers=_store_layers(connection, manifests.values()),
        blobs=_store_blobs(connection, manifests.values()),
        documents=_store_documents(connection, sources, manifests.values()),
        manifests=_store_manifests(connection, manifests.values()),
    )
    _fill_manifests(connection, stored, manifests)
    return stored


def _intern(
    connection: Connection,
    insert: Executable,
    find: Executable,
    rows: Mapping[D, Mapping[str, Any]],
) -> Keys:
    if not rows:
        return {}
    ordered = sorted(rows, key=Digest.to_bytes)
    connection.execute(insert, [dict(rows[digest]) for digest in ordered])
    found = connection.execute(find, {"digests": ordered})
    keys = {Digest(digest): key for key, digest in found}
    if len(keys) != len(rows):
        raise StartOver
    return keys


def _store_layers(connection: Connection, manifests: Iterable[SourceManifest]) -> Keys:
    rows = {
        layer.diff_id: {"diff_id": layer.diff_id, "size": layer.unpacked_size}
        for manifest in manifests
        for layer in manifest.layers
        if layer.diff_id
    }
    return _intern(connection, sql.add_layers, sql.layers_by_digest, rows)


def _store_blobs(connection: Connection, manifests: Iterable[SourceManifest]) -> Keys:
    rows = {
        layer.digest: {
            "digest": layer.digest,
            "media_type": storable(layer.media_type),
            "size": layer.size,
        }
        for manifest in manifests
        for layer in manifest.layers
    }
    return _intern(connection, sql.add_blobs, sql.blobs_by_digest, rows)


def _store_documents(
    connection: Connection,
    images: Sequence[SourceImage],
    manifests: Iterable[SourceManifest],
) -> Keys:
    documents = [index for image in images for index in image.indexes]
    for manifest in manifests:
        documents += [part for part in (manifest.document, manifest.config) if part]
    rows = {document.digest: _document_row(document) for document in documents}
    return _intern(connection, sql.add_documents, sql.documents_by_digest, rows)


def _document_row(document: Document) -> dict[str, Any]:
    return {
        "digest": document.digest,
        "media_type": storable(document.media_type),
        "size": len(document.content),
        "body": document.content,
    }


def _store_manifests(connection: Connection, manifests: Iterable[SourceManifest]) -> Keys:
    """As their descriptors tell them, present or not."""
    rows = {
        manifest.digest: {
            "digest": manifest.digest,
            "media_type": storable(manifest.media_type),
            "size": manifest.size,
            "layer_count": 0,
            "created_at": UNKNOWN_TIME,
        }
        for manifest in manifests
    }
    return _intern(connection, sql.add_manifests, sql.manifests_by_digest, rows)


# ── what is in manifests ──────────────────────────────────────────────────────────────────────


def _fill_manifests(
    connection: Connection,
    stored: StoredContent,
    manifests: Mapping[Digest, SourceManifest],
) -> None:
    """Complete the manifests of which the source knows more; in the order of their digests."""
    keys = {"manifests": [stored.manifests[digest] for digest in manifests]}
    known = {row.id: row for row in connection.execute(sql.knowledge_of_manifests, keys)}
    for digest in sorted(manifests, key=Digest.to_bytes):
        manifest, row = manifests[digest], known[stored.manifests[digest]]
        if manifest.is_present and (
            row.document_id is None
            or (row.config_id is None and manifest.config)
            or (row.chain_id is None and top_chain_id(manifest))
        ):
            _fill_manifest(connection, stored, manifest)
            if row.document_id is not None:
                stored.relearned.add(row.id)


def _fill_manifest(
    connection: Connection,
    stored: StoredContent,
    manifest: SourceManifest,
) -> None:
    key = stored.manifests[manifest.digest]
    values = {
        "manifest": key,
        "media_type": storable(manifest.media_type),
        "size": manifest.size,
        "document": stored.documents[manifest.digest],
        "config": stored.documents[manifest.config.digest] if manifest.config else None,
        "path": stored.path_of(manifest),
        "chain_id": top_chain_id(manifest),
        "layer_count": len(manifest.layers),
        "created": manifest.created or UNKNOWN_TIME,
        "knows_config": manifest.config is not None,
        "knows_layers": bool(chains_of(manifest)),
    }
    if connection.execute(sql.complete_manifest, values).rowcount == 1:
        _fill_parts(connection, stored, key, manifest)


def _fill_parts(
    connection: Connection,
    stored: StoredContent,
    key: int,
    manifest: SourceManifest,
) -> None:
    connection.execute(sql.delete_manifest_layers, {"manifest": key})
    connection.execute(sql.delete_manifest_labels, {"manifest": key})
    if manifest.layers:
        connection.execute(sql.add_manifest_layers, _layer_rows(stored, key, manifest))
    labels = {storable(name): storable(value) for name, value in manifest.labels.items()}
    if labels:
        rows = [{"manifest_id": key, "key": k, "value": v} for k, v in sorted(labels.items())]
        connection.execute(sql.add_manifest_labels, rows)


def _layer_rows(
    stored: StoredContent,
    key: int,
    manifest: SourceManifest,
) -> list[dict[str, Any]]:
    return [
        {
            "manifest_id": key,
            "position": position,
            "layer_id": stored.layers[layer.diff_id] if layer.diff_id else None,
            "blob_id": stored.blobs[layer.digest],
        }
        for position, layer in enumerate(manifest.layers)
    ]


def chains_of(manifest: SourceManifest) -> tuple[ChainID, ...]:
    """The chain IDs of a manifest's layers, bottom first; none where it is no image."""
    if manifest.kind is not ManifestKind.IMAGE:
        return ()
    return tuple(chain_ids(layer.diff_id for layer in manifest.layers if layer.diff_id))


def top_chain_id(manifest: SourceManifest) -> ChainID | None:
    """The chain ID of all its layers together."""
    chains = chains_of(manifest)
    return chains[-1] if chains else None
