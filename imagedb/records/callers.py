"""Who asks: callers, namespaces, hosts."""

import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from imagedb.errors import InvalidInputError
from imagedb.platforms import Platform

MAX_REQUEST_ID: Final = 128
"""Characters; the numbers of an argument and of a batch, behind it, are not counted."""
_NUMBERS: Final = re.compile(r"(\.[0-9]{1,9}){1,2}\Z")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from which host, and under which request ID the answer is kept."""

    who: str
    host: str | None = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    platform: Platform | None = None
    """Of the host, if it told one; procedures fill it in."""

    def __post_init__(self) -> None:
        """Refuse what is no request ID.

        Raises:
            InvalidInputError: it is not 1 to 128 printable characters.
        """
        length = len(_NUMBERS.sub("", self.request_id, count=1)) or len(self.request_id)
        if not 1 <= length <= MAX_REQUEST_ID or not self.request_id.isprintable():
            raise InvalidInputError(
                f"invalid request ID {self.request_id[:80]!r}: "
                f"expected 1 to {MAX_REQUEST_ID} printable characters",
            )

    def numbered(self, number: int) -> Self:
        """Ask for a part of a request, under the request's ID and the part's number."""
        return replace(self, request_id=f"{self.request_id}.{number}")


@dataclass(frozen=True, slots=True)
class Namespace:
    """A store: references, images and containers that see one another."""

    key: int
    name: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Host:
    """A machine that reports containers into one namespace."""

    key: int
    name: str
    namespace: str
    platform: Platform | None
    containers: int
    running: int
    created: datetime
    seen: datetime | None
    """Its last sign of life, or when it became known."""
    lease: int | None
    """For how many seconds a sign of life holds, if it ever said."""
    stale_at: datetime | None
    """When the lease runs out, or ran out."""
    is_stale: bool
    """That moment is past, by the database's clock."""

    @property
    def state(self) -> str:
        """`stale`, `alive`, or `unknown` where no lease says when it would be stale."""
        if self.is_stale:
            return "stale"
        return "alive" if self.lease else "unknown"
