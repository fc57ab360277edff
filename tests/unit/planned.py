"""A plan as a document, with everything in it that one may have."""

from typing import Any, Final

from imagedb.digests import Digest, ImageID
from imagedb.plan_documents import PlanDocument, with_token
from tests.unit.deciding import BIRTH

ID: Final = ImageID.of(b"the image")
PARENT: Final = ImageID.of(b"its parent")
BLOB: Final = Digest.of(b"a blob")
CONTAINER: Final = {
    "id": "c0" * 32,
    "name": "web",
    "host": "web-1",
    "is_host_stale": False,
    "state": "exited",
    "platform": "linux/amd64",
    "is_mount": False,
    "created": BIRTH,
}
HOLD: Final = {"number": 7, "who": "ops", "reason": "audit", "held": BIRTH, "until": None}
FACTS: Final[dict[str, Any]] = {
    "id": ID,
    "entered": BIRTH,
    "references": ["docker.io/library/app:1"],
    "containers": [CONTAINER],
    "holds": [HOLD],
    "manifests": [{"digest": BLOB, "platform": "linux/arm64/v8"}],
    "parents": [{"id": PARENT, "is_dangling": True, "is_used": False, "is_held": False}],
}
DELETE: Final = {
    "reference": "app:1",
    "force": True,
    "prune": True,
    "platforms": ["linux/arm64/v8"],
    "ignore_stale": False,
}
PRUNE: Final = {
    "dangling": False,
    "until": [BIRTH],
    "labels": [{"key": "team", "value": None, "is_wanted": True}],
    "references": ["app*"],
}
CONFLICT: Final = {
    "kind": "hold",
    "is_hard": True,
    "message": "conflict: unable to delete",
    "container": None,
    "host": None,
    "reference": None,
    "hold": 7,
}
REASON: Final = {"kind": "hold", "subject": "7", "keeps": True, "why": "so", "lift": ""}


def a_document(**changes: Any) -> PlanDocument:  # noqa: ANN401 - fields of every kind
    """A plan of a delete, with some fields of its own."""
    image = {
        "facts": FACTS,
        "conflicts": [CONFLICT],
        "records": [{"Untagged": "app:1"}, {"Deleted": ID}],
        "reasons": [REASON],
    }
    fields = {
        "operation": "delete",
        "namespace": "default",
        "actor": "ops@example.com",
        "host": None,
        "arguments": DELETE,
        "images": [image],
        "content": [{"kind": "blob", "digest": BLOB, "media_type": None, "size": 10}],
        "freed": 10,
        "shared": 5,
    }
    return with_token(fields | changes)
