"""Containers of hosts, as records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class ContainerConfig:
    """What a create says of a container beside its image; the image says the rest."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """They overlay the image's."""
    entrypoint: tuple[str, ...] | None = None
    """Instead of the image's, whose command goes with it."""
    command: tuple[str, ...] = ()
    """Instead of the image's."""


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
    labels: Mapping[str, str] = field(default_factory=dict)
    """Its image's, overlaid by its own."""
    command: tuple[str, ...] = ()
    """The words that it runs, the image's entrypoint first; none where they are not known."""
    exit_code: int | None = None
    """How it ended, where that is known; never of one that runs."""

    @property
    def is_running(self) -> bool:
        """Whether its state counts as running."""
        return self.state in RUNNING_STATES


@dataclass(frozen=True, slots=True)
class ChangedContainer:
    """What became of a container that was to be in a state."""

    id: str
    is_changed: bool
    """It was not in that state already."""


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
    labels: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    exit_code: int | None = None
