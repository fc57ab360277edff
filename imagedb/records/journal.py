"""What happened, and what was let go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
    claim: str | None = None
    """Of the worker who has it; also after its lease ran out, until another one claims it."""
    who: str | None = None
    claimed: datetime | None = None
    until: datetime | None = None
    """When the lease runs out: from then on others may claim it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Releases that one worker has claimed at once, the oldest first."""

    id: str
    """Empty where there was nothing to claim."""
    until: datetime | None
    releases: tuple[Release, ...]


class WhyLeft(StrEnum):
    """Why a release was not done."""

    WITHDRAWN = "withdrawn"
    """The content was stored again: its bytes are needed."""
    DONE = "done"
    """The lease ran out, another claim has done it, and nobody stored it again."""
    CLAIMED = "claimed"
    """The lease ran out, and somebody else claimed it."""
    GIVEN_BACK = "given back"
    """It is released, and claimed by nobody."""
    NEVER_CLAIMED = "never claimed"
    """The claim did not hold it."""


@dataclass(frozen=True, slots=True)
class LeftRelease:
    """A release that was to be done and was not."""

    kind: str
    """Empty where nothing is known of it."""
    digest: Digest
    why: WhyLeft
    who: str | None = None
    """Who claimed it, or has done it."""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class FinishedClaim:
    """What became of a claim's releases, each in the order in which they were claimed."""

    done: tuple[Release, ...]
    left: tuple[LeftRelease, ...]
