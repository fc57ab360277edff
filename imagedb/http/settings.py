"""What the service is told when it starts."""

from dataclasses import dataclass, field
from typing import Final

from imagedb.sources import limits

THREADS: Final = 12
"""Requests at work at once; fewer than the connections that a database gives."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the service lets itself be asked."""

    body_bytes: int = 16 << 20
    """Of a request that is a document: a plan, a report."""
    archive_bytes: int = limits.UNPACKED_BYTES
    """Of an archive that is to be loaded."""
    requests: int = 512
    """Under way at once, waiting ones and followers of events among them."""
    rate: int = 0
    """Requests a second of each host; 0 is any number."""
    seconds: int = 300
    """Until an answer begins, from when the last of the request was read."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Which store is served, and who asks where a request does not say."""

    namespace: str = "default"
    host: str | None = None
    """The host that asks, unless a request names one (`X-Imagedb-Host`)."""
    who: str = "imagedb"
    """Who asks, as events tell it, where the socket does not tell (`peers`)."""
    limits: Limits = field(default_factory=Limits)
    threads: int = THREADS
