"""Who asks: callers, namespaces, hosts."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from imagedb.platforms import Platform


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from which host, and under which request ID the answer is kept."""

    who: str
    host: str | None = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    platform: Platform | None = None
    """Of the host, if it told one; procedures fill it in."""


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
