"""What an operator protects."""

from dataclasses import dataclass
from datetime import datetime

from imagedb.digests import ImageID


@dataclass(frozen=True, slots=True)
class Hold:
    """An explicit protection of an image, until somebody lifts it."""

    key: int
    """Its number, by which it is lifted."""
    who: str
    reason: str
    held: datetime
    until: datetime | None
    """When it should end; that lifts nothing."""
    is_overdue: bool
    """That moment is past, by the database's clock."""


@dataclass(frozen=True, slots=True)
class ImageHold:
    """A hold with what it holds, as lists show it."""

    hold: Hold
    image_id: ImageID
    names: tuple[str, ...]
    """Familiar, in name order."""
