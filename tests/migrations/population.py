"""A few rows in every table, as a database of each revision holds them.

From revision 0003 on they keep every promise that `db check` knows: an image of two layers made
for two platforms, one on the top of the other's bottom layer, with names, a running container, an
unlinked one, a mount, and what a delete of a third image left behind.
"""

import hashlib
import zlib
from datetime import UTC, datetime
from typing import Final

from tests.migrations.bare import Bare

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
Rows = list[tuple[str, dict[str, object]]]

AT: Final = datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)
INDEX_TYPE: Final = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE: Final = "application/vnd.oci.image.manifest.v1+json"
LAYER_TYPE: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG_TYPE: Final = "application/vnd.oci.image.config.v1+json"


def populate(bare: Bare, revision: str) -> None:
    """Add the rows of the tables that a revision makes; those before it must have theirs."""
    bare.insert(ROWS[revision])


def digest(word: str) -> bytes:
    """Give a digest in its stored form."""
    return hashlib.sha256(word.encode()).digest()


def path(*layers: int) -> bytes:
    """Spell a path."""
    return b"".join(layer.to_bytes(8, "big") for layer in layers)


def _document(key: int, word: str, media_type: str) -> tuple[str, dict[str, object]]:
    body = f'{{"is": "{word}"}}'.encode()
    row = {"id": key, "digest": digest(word), "media_type": media_type, "size": len(body)}
    return "document", {**row, "body": zlib.compress(body)}


def _manifest(key: int, word: str, *, config: int, layers: int) -> tuple[str, dict[str, object]]:
    return "manifest", {
        "id": key,
        "digest": digest(word),
        "media_type": MANIFEST_TYPE,
        "size": 400,
        "document_id": config - 1,
        "config_id": config,
        "path": path(*range(1, layers + 1)),
        "chain_id": digest("layer 1" if layers == 1 else f"chain of {layers}"),
        "layer_count": layers,
        "created_at": AT,
    }


_STORES: Rows = [
    ("namespace", {"id": 2, "name": "team-ä", "created_at": AT}),
    ("host", {"id": 1, "namespace_id": 1, "name": "web-1", "platform": None, "created_at": AT}),
    ("host", {"id": 2, "namespace_id": 2, "name": "web-2", "platform": "linux", "created_at": AT}),
]
_CONTENT: Rows = [
    ("layer", {"id": 1, "diff_id": digest("layer 1"), "size": 10_240}),
    ("layer", {"id": 2, "diff_id": digest("layer 2"), "size": None}),
    ("blob", {"id": 1, "digest": digest("blob 1"), "media_type": LAYER_TYPE, "size": 1_000}),
    ("blob", {"id": 2, "digest": digest("blob 2"), "media_type": LAYER_TYPE, "size": 2_000}),
    _document(1, "index", INDEX_TYPE),
    _document(2, "manifest 1", MANIFEST_TYPE),
    _document(3, "config 1", CONFIG_TYPE),
    _document(4, "manifest 2", MANIFEST_TYPE),
    _document(5, "config 2", CONFIG_TYPE),
    _manifest(1, "manifest 1", config=3, layers=1),
    _manifest(2, "manifest 2", config=5, layers=2),
    ("manifest_layer", {"manifest_id": 1, "position": 0, "layer_id": 1, "blob_id": 1}),
    ("manifest_layer", {"manifest_id": 2, "position": 0, "layer_id": 1, "blob_id": 1}),
    ("manifest_layer", {"manifest_id": 2, "position": 1, "layer_id": 2, "blob_id": 2}),
    ("manifest_label", {"manifest_id": 2, "key": "maintainer", "value": "Ünit\n"}),
]
_CONFIG_BYTES = len('{"is": "config 1"}')


def _image(key: int, word: str, *, manifests: int, blobs: int) -> tuple[str, dict[str, object]]:
    return "image", {
        "id": key,
        "namespace_id": 1,
        "digest": digest(word),
        "media_type": INDEX_TYPE if manifests > 1 else MANIFEST_TYPE,
        "size": 600,
        "identity": "target",
        "created_at": AT,
        "content_size": manifests * (400 + _CONFIG_BYTES) + blobs,
        "entered_at": AT,
        "first_used_at": AT if key == 1 else None,
        "last_used_at": None,
    }


def _held(image: int, position: int, manifest: int) -> tuple[str, dict[str, object]]:
    return "image_manifest", {
        "image_id": image,
        "position": position,
        "namespace_id": 1,
        "manifest_id": manifest,
        "kind": "image",
        "platform": "linux/amd64" if manifest == 1 else "linux/arm64",
        "is_present": True,
        "path": path(*range(1, manifest + 1)),
        "index_id": 1 if image == 1 else None,
    }


def _reference(key: int, name: str, image: int) -> tuple[str, dict[str, object]]:
    row = {"id": key, "namespace_id": 1, "name": name, "image_id": image, "updated_at": AT}
    return "reference", row


_IMAGES: Rows = [
    _image(1, "index", manifests=2, blobs=3_000),
    _image(2, "manifest 2", manifests=1, blobs=3_000),
    _held(1, 0, 1),
    _held(1, 1, 2),
    _held(2, 0, 2),
    ("image_index", {"image_id": 1, "position": 0, "document_id": 1}),
    _reference(1, "docker.io/library/app:1", 1),
    _reference(2, "docker.io/library/app:latest", 1),
    _reference(3, "docker.io/library/other:1", 2),
]


def _container(
    key: int, *, image: int | None, word: str, state: str
) -> tuple[str, dict[str, object]]:
    return "container", {
        "id": key,
        "namespace_id": 1,
        "host_id": 1,
        "container_id": hashlib.sha256(f"container {key}".encode()).hexdigest(),
        "name": f"app-{key}",
        "image_digest": digest(word),
        "image_id": image,
        "reference": "app:1",
        "platform": "linux/amd64",
        "state": state,
        "created_at": AT,
        "started_at": AT,
        "finished_at": None,
    }


_MOUNT = {"container_id": 1, "position": 0, "namespace_id": 1, "source": "other:1"}
_CONTAINERS: Rows = [
    _container(1, image=1, word="index", state="running"),
    _container(2, image=None, word="gone", state="exited"),
    (
        "container_mount",
        {**_MOUNT, "target": "/mnt", "image_digest": digest("manifest 2"), "image_id": 2},
    ),
]
_GONE = "sha256:" + digest("gone").hex()


def _event(key: int, action: str, *, position: int | None) -> tuple[str, dict[str, object]]:
    return "event", {
        "id": key,
        "position": position,
        "time": AT,
        "namespace": "default",
        "host": "web-1",
        "type": "image",
        "action": action,
        "actor_id": _GONE,
        "name": "docker.io/library/gone:1",
        "attributes": {"name": "gone:1"},
        "who": "tester@test",
        "database_user": "",
        "request_id": "request-1",
    }


_ANSWER = [{"Untagged": "docker.io/library/gone:1"}, {"Deleted": _GONE}]
_JOURNAL: Rows = [
    _event(1, "untag", position=1),
    _event(2, "delete", position=None),
    ("candidate", {"id": 1, "namespace_id": 1, "manifest_id": 1, "document_id": None}),
    (
        "release",
        {
            "id": 1,
            "namespace_id": 1,
            "kind": "blob",
            "digest": digest("released"),
            "media_type": LAYER_TYPE,
            "size": 77,
            "released_at": AT,
        },
    ),
    (
        "request",
        {
            "id": "request-1",
            "operation": "delete_image",
            "arguments": digest("arguments"),
            "answer": _ANSWER,
            "answered_at": AT,
        },
    ),
]
_OPERATIONS: Rows = [
    (
        "hold",
        {
            "id": 1,
            "namespace_id": 1,
            "image_id": 2,
            "reason": "audit",
            "who": "tester@test",
            "held_at": AT,
            "until": None,
        },
    ),
    ("heartbeat", {"host_id": 1, "seen_at": AT, "lease_seconds": 90, "stale_at": AT}),
    (
        "release_claim",
        {"release_id": 1, "claim": "c1", "who": "tester@test", "claimed_at": AT, "until": AT},
    ),
    (
        "done_release",
        {
            "id": 1,
            "namespace": "default",
            "kind": "blob",
            "digest": digest("done"),
            "media_type": LAYER_TYPE,
            "size": 7,
            "released_at": AT,
            "done_at": AT,
            "who": "tester@test",
        },
    ),
    ("event_cut", {"position": 0, "cut_at": AT}),
]
_DETAILS: Rows = [
    (
        "container_detail",
        {"container_id": 2, "labels": {"role": "ä"}, "command": "sh -c 'a b'", "exit_code": 137},
    ),
]
_TABLES: Final = (_STORES, _CONTENT, _IMAGES, _CONTAINERS, _JOURNAL, _OPERATIONS, _DETAILS)
ROWS: Final[dict[str, Rows]] = dict(zip(REVISIONS, _TABLES, strict=True))
