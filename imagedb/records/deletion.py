"""What a delete is asked for, does, and is refused by."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from imagedb.digests import SHORT_LENGTH, Digest
from imagedb.platforms import Platform
from imagedb.records.containers import RUNNING_STATES
from imagedb.records.holds import Hold


class Way(StrEnum):
    """How a text names an image."""

    NAME = "name"
    """It is a stored reference."""
    ID = "ID"
    """It is the image's ID, the ID's beginning, or moby's name of a dangling image."""
    REPOSITORY = "repository"
    """It is `repo@digest` or `repo:tag@digest`, not stored as such, of some of its references."""


@dataclass(frozen=True, slots=True)
class Untagged:
    """A reference was removed; `name` is familiar."""

    name: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """An image, or a manifest of one, was removed."""

    digest: Digest


Record = Untagged | Deleted
"""What a delete did, in order."""


class ConflictKind(StrEnum):
    """Why an image cannot be deleted."""

    HOLD = "hold"
    RUNNING_CONTAINER = "running container"
    STOPPED_CONTAINER = "stopped container"
    SEVERAL_REFERENCES = "several references"


@dataclass(frozen=True, slots=True)
class ContainerUse:
    """A container that uses an image: it was created from it, or mounts it."""

    key: int
    id: str
    name: str
    state: str
    host: str
    created: datetime
    platform: Platform | None
    is_mount: bool
    """It mounts the image, from which it may have been created too."""
    is_host_stale: bool = False
    """Its host's lease has run out."""
    host_seen: datetime | None = None
    """The host's last sign of life, if it ever gave one."""

    @property
    def is_running(self) -> bool:
        """Whether its state counts as running."""
        return self.state in RUNNING_STATES

    @property
    def short_id(self) -> str:
        """The first 12 digits."""
        return self.id[:SHORT_LENGTH]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A reason that forbids a delete; `str()` is docker's line."""

    kind: ConflictKind
    is_hard: bool
    """A hard one cannot be lifted by force."""
    subject: str
    """What cannot be deleted: a familiar name, or 12 digits of the image ID."""
    message: str
    container: ContainerUse | None = None
    reference: str | None = None
    hold: Hold | None = None

    def __str__(self) -> str:
        how = "cannot be forced" if self.is_hard else "must be forced"
        return f"conflict: unable to delete {self.subject} ({how}) - {self.message}"


@dataclass(frozen=True, slots=True)
class LeftImage:
    """An image of a prune plan that is not as it was, and is left as it is."""

    id: Digest
    differences: tuple[str, ...]
    is_gone: bool = False
    """Somebody has deleted it, or the same plan has."""


@dataclass(frozen=True, slots=True)
class PrunedBatch:
    """What one transaction of a prune did."""

    records: tuple[Record, ...] = ()
    freed: int = 0
    """Bytes that the namespace stopped using."""
    left: tuple[LeftImage, ...] = ()
    after: str = ""
    """Where the next batch begins; empty behind the last one."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something that a plan looked at keeps an image, or lets it go."""

    kind: str
    """`hold`, `container`, `mount`, `reference`, or `parent`."""
    subject: str
    keeps: bool
    """The image; of a parent, whether it is kept itself."""
    why: str
    lift: str = ""
    """What would lift it; empty where it keeps nothing, or nothing is to be done."""
