"""What a run is asked for."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

IMAGE_LOCK: Final = "image-lock"
FOREIGN_KEYS: Final = "foreign-keys"
SAFEGUARDS: Final = (IMAGE_LOCK, FOREIGN_KEYS)
"""What a negative control may take away, to see that the run then fails."""
IMAGES: Final = 40
MIXED: Final = "mixed"
RACES: Final = "races"
"""Loads: of everything; of what meets a delete that dawdles."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked for."""

    engine: str
    processes: int
    seconds: float
    faults: bool = False
    seed: int = 1
    images: int = IMAGES
    """Fewer are hotter."""
    only: tuple[str, ...] = ()
    """The operations that clients do; all of them if it is empty."""
    load: str = MIXED
    """Which operations, how often, and in which of them clients pause: one of `LOADS`."""
    without: tuple[str, ...] = ()
    pauses: float = 0.05
    """At which share of their statements clients pause: what others do meanwhile makes races."""
    in_memory: bool = False
    """Where there is a folder in memory: faster, and a crash of the server is one all the same."""
    url: str | None = None
    """A database to use instead of one of the run's own."""
    until: str | None = None
    """A pattern: the run ends as soon as it fits what is wrong."""

    @property
    def prefix(self) -> str:
        """What the names of the run's namespaces and request IDs begin with."""
        return f"stress-{self.seed}"


@dataclass(frozen=True, slots=True)
class Life:
    """What a client is told when it starts; a client that was killed lives again."""

    options: Options
    url: str
    folder: Path
    client: int
    life: int

    @property
    def log(self) -> Path:
        """Where the client writes what it was told, in all its lives."""
        return self.folder / f"client-{self.client}.jsonl"

    def dump(self) -> str:
        """Write it for the command line of another process."""
        return json.dumps(dataclasses.asdict(self), default=str)

    @classmethod
    def load(cls, text: str) -> Self:
        """Read what `dump` wrote."""
        values = json.loads(text)
        options = Options(**values["options"])
        return cls(**values | {"options": options, "folder": Path(values["folder"])})
