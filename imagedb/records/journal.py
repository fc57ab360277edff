"""What happened, and what was let go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from imagedb.digests import Digest


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    id: int
    position: int
    time: datetime
    namespace: str
    host: str | None
    type: str
    action: str
    actor_id: str
    name: str
    attributes: Mapping[str, str]
    who: str
    database_user: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Release:
    """Content that no image of a namespace uses any more."""

    namespace: str
    kind: str
    """`blob`, `config`, `manifest`, `index`, or `chain` (of unpacked layers)."""
    digest: Digest
    media_type: str | None
    size: int
    released: datetime
