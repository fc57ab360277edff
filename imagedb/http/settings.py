"""What the service is told when it starts."""

from dataclasses import dataclass
from typing import Final

MAX_JSON_BYTES: Final = 4 << 20
"""Of the body of a request that is a document."""
THREADS: Final = 12
"""Requests at work at once; fewer than the connections that a database gives."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Which store is served, and who asks where a request does not say."""

    namespace: str = "default"
    host: str | None = None
    """The host that asks, unless a request names one (`X-Imagedb-Host`)."""
    who: str = "imagedb"
    """Who asks, as events tell it, where the socket does not tell (`peers`)."""
    max_json_bytes: int = MAX_JSON_BYTES
    threads: int = THREADS
