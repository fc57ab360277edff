"""Load a fleet into imagedb's own tables, by the bare drivers.

Rows go straight in with the fleet's numbers as keys: COPY on PostgreSQL, `executemany` in one
transaction on SQLite. What is loaded keeps the promises of `db check`, except that without
`real_documents` manifests are known by their descriptors only.
"""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, Protocol

import psycopg

from benchmarks.fleet import NAMESPACES
from benchmarks.fleet_records import Image, Manifest
from imagedb.platforms import platform_of

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]

BATCH: Final = 2_000
"""Images in one go."""
COLUMNS: Final = {
    "namespace": "id, name, created_at",
    "host": "id, namespace_id, name, platform, created_at",
    "layer": "id, diff_id, size",
    "blob": "id, digest, media_type, size",
    "document": "id, digest, media_type, size, body",
    "manifest": "id, digest, media_type, size, document_id, config_id, path, chain_id, "
    "layer_count, created_at",
    "manifest_layer": "manifest_id, position, layer_id, blob_id",
    "image": "id, namespace_id, digest, media_type, size, identity, created_at, content_size, "
    "entered_at",
    "image_manifest": "image_id, position, namespace_id, manifest_id, kind, platform, is_present, "
    "path",
    "image_index": "image_id, position, document_id",
    "reference": "id, namespace_id, name, image_id, updated_at",
    "container": "id, namespace_id, host_id, container_id, name, image_digest, image_id, "
    "reference, platform, state, created_at, started_at",
}
_MANIFEST_TYPE: Final = "application/vnd.oci.image.manifest.v1+json"
_CONFIG_TYPE: Final = "application/vnd.oci.image.config.v1+json"
_INDEX_TYPE: Final = "application/vnd.oci.image.index.v1+json"
_LAYER_TYPE: Final = "application/vnd.oci.image.layer.v1.tar+gzip"


class Sink(Protocol):
    """Where rows go."""

    def moment(self, seconds: int) -> object:
        """Write a moment as the engine stores it."""

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows of a table."""


class PostgresSink:
    """A PostgreSQL database of the newest revision."""

    def __init__(self, cursor: psycopg.Cursor) -> None:
        self.cursor = cursor

    def moment(self, seconds: int) -> object:
        """As `timestamptz`."""
        return datetime.fromtimestamp(seconds, UTC)

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows by COPY."""
        statement = f"COPY {table} ({COLUMNS[table]}) FROM STDIN"
        with self.cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)


class SQLiteSink:
    """A SQLite database of the newest revision."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def moment(self, seconds: int) -> object:
        """As microseconds."""
        return seconds * 1_000_000

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows by one prepared INSERT."""
        marks = ", ".join("?" * len(COLUMNS[table].split(", ")))
        statement = f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({marks})"  # noqa: S608 - our own
        self.connection.executemany(statement, rows)


class Loader:
    """Turns images into rows; keys beyond the fleet's own numbers are counted here."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.namespaces: dict[int, int] = {}
        self.hosts: dict[tuple[int, int], int] = {}
        self.references = 0
        self.documents = 0

    def load(self, images: Iterable[Image]) -> int:
        """Load all images; returns how many."""
        loaded, remaining = 0, iter(images)
        while batch := list(islice(remaining, BATCH)):
            rows: Rows = {table: [] for table in COLUMNS}
            for image in batch:
                self._add_image(rows, image)
            for table in COLUMNS:
                if rows[table]:
                    self.sink.add(table, rows[table])
            loaded += len(batch)
        return loaded

    def _add_image(self, rows: Rows, image: Image) -> None:
        namespace = self._namespace(rows, image.namespace)
        created = self.sink.moment(image.created)
        for layer in image.new_layers:
            rows["layer"].append((layer.number, layer.diff_id, layer.size))
            rows["blob"].append((layer.number, layer.blob_digest, _LAYER_TYPE, layer.blob_size))
        media_type = _INDEX_TYPE if image.is_index else _MANIFEST_TYPE
        size = (image.target, media_type, image.size, "target", created, _content_size(image))
        rows["image"].append((image.number, namespace, *size, created))
        if image.document:
            rows["image_index"].append(
                (image.number, 0, self._document(rows, image.document, _INDEX_TYPE))
            )
        for position, manifest in enumerate(image.manifests):
            self._add_manifest(rows, manifest, created)
            path, platform = manifest.node.path(), str(platform_of(*manifest.spelling))
            held = (manifest.number, "image", platform, True, path)
            rows["image_manifest"].append((image.number, position, namespace, *held))
        for name in image.names:
            self.references += 1
            rows["reference"].append((self.references, namespace, name, image.number, created))
        self._add_containers(rows, image, namespace, created)

    def _add_manifest(self, rows: Rows, manifest: Manifest, created: object) -> None:
        document = config = None
        if manifest.document and manifest.config:
            document = self._document(rows, manifest.document, _MANIFEST_TYPE)
            config = self._document(rows, manifest.config, _CONFIG_TYPE)
        layers = manifest.node.layers()
        held = (
            document,
            config,
            manifest.node.path(),
            manifest.node.chain_id,
            len(layers),
            created,
        )
        described = (manifest.number, manifest.digest, _MANIFEST_TYPE, manifest.size)
        rows["manifest"].append((*described, *held))
        rows["manifest_layer"] += (
            (manifest.number, position, layer.number, layer.number)
            for position, layer in enumerate(layers)
        )

    def _add_containers(self, rows: Rows, image: Image, namespace: int, created: object) -> None:
        for container in image.containers:
            host = self._host(rows, image.namespace, container.host)
            name = f"c{container.number}"
            place = (container.number, namespace, host, container.container_id, name)
            reference = image.names[0] if image.names else "sha256:" + image.target.hex()
            state = "running" if container.running else "exited"
            rows["container"].append(
                (*place, image.target, image.number, reference, None, state, created, created)
            )

    def _document(self, rows: Rows, content: bytes, media_type: str) -> int:
        self.documents += 1
        digest = hashlib.sha256(content).digest()
        rows["document"].append(
            (self.documents, digest, media_type, len(content), zlib.compress(content))
        )
        return self.documents

    def _namespace(self, rows: Rows, namespace: int) -> int:
        """`default` is there from the start; it has the number 1."""
        if namespace not in self.namespaces:
            name = NAMESPACES[namespace]
            self.namespaces[namespace] = 1 if name == "default" else namespace + 2
            if name != "default":
                row = (namespace + 2, name, self.sink.moment(0))
                rows["namespace"].append(row)
        return self.namespaces[namespace]

    def _host(self, rows: Rows, namespace: int, host: int) -> int:
        place = (namespace, host)
        if place not in self.hosts:
            self.hosts[place] = len(self.hosts) + 1
            name = f"host-{NAMESPACES[namespace]}-{host}"
            row = (self.hosts[place], self.namespaces[namespace], name, None, self.sink.moment(0))
            rows["host"].append(row)
        return self.hosts[place]


def _content_size(image: Image) -> int:
    blobs = {y.blob_digest: y.blob_size for m in image.manifests for y in m.node.layers()}
    own = sum(m.size + (m.config_size if m.config else 0) for m in image.manifests)
    return own + sum(blobs.values())
