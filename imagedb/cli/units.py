"""Sizes and ages in docker's words.

Source: docker/go-units, size.go (HumanSizeWithPrecision).
"""

from datetime import datetime
from typing import Final

from imagedb.docker_json.durations import format_duration

UNKNOWN: Final = "N/A"

_SIZE_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_DIGITS: Final = 3
"""Significant ones, as docker's lists of images have them."""


def format_size(count: int) -> str:
    """Write a number of bytes in powers of 1,000: `5.58MB`.

    999,999 bytes are `1MB`; go-units would write `1e+03kB`.
    """
    size, unit = float(count), 0
    while _rounded(size) >= 1000 and unit < len(_SIZE_UNITS) - 1:  # noqa: PLR2004 - the step
        size, unit = size / 1000, unit + 1
    return f"{_rounded(size):g}{_SIZE_UNITS[unit]}"


def _rounded(size: float) -> float:
    return float(f"{size:.{_DIGITS}g}")


def format_age(moment: datetime | None, *, now: datetime) -> str:
    """Say how long ago something was: `3 weeks ago`; `N/A` if nobody knows."""
    return f"{format_duration(now - moment)} ago" if moment else UNKNOWN
