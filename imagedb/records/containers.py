"""Containers of hosts, as records."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from imagedb.digests import Digest
from imagedb.platforms import Platform

RUNNING_STATES: Final = frozenset({"running", "paused", "restarting"})
"""The states that count as running; in all others a container counts as stopped."""
CONTAINER_STATES: Final = RUNNING_STATES | {"created", "exited", "dead", "removing"}


@dataclass(frozen=True, slots=True)
class Mount:
    """An image mounted into a container."""

    source: str
    """The image as it was typed."""
    target: str
    image_digest: Digest | None = None
    is_image_missing: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a host, as a record."""

    key: int
    id: str
    name: str
    host: str
    state: str
    reference: str
    """The image as it was typed."""
    image_digest: Digest | None
    is_image_missing: bool
    platform: Platform | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    mounts: tuple[Mount, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether its state counts as running."""
        return self.state in RUNNING_STATES


@dataclass(frozen=True, slots=True)
class ReportedContainer:
    """A container as a host's engine describes it."""

    id: str
    name: str
    state: str
    reference: str
    image_digest: Digest
    """Of the image, its manifest or its config, whichever the engine tells."""
    platform: Platform | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    mounts: tuple[Mount, ...] = ()
