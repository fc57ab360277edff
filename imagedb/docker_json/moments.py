"""Moments as docker's JSON has them: seconds, nanoseconds."""

from datetime import datetime
from typing import Final

ZERO: Final = "0001-01-01T00:00:00Z"
"""What Go writes for a time that was never set."""
_NANOSECONDS: Final = 1_000_000_000


def unix_seconds(moment: datetime | None) -> int:
    """Count whole seconds since 1970, 0 if nobody knows."""
    return int(moment.replace(microsecond=0).timestamp()) if moment else 0


def unix_nanoseconds(moment: datetime) -> int:
    """Count without floats, which cannot tell microseconds of our days apart."""
    return unix_seconds(moment) * _NANOSECONDS + moment.microsecond * 1000
