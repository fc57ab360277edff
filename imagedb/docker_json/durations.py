"""Durations in docker's words.

Source: docker/go-units, duration.go (HumanDuration).
"""

from datetime import timedelta
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24
_WEEK: Final = 7 * _DAY
_MONTH: Final = 30 * _DAY
_YEAR: Final = 365 * _DAY
"""From a day on, in hours."""


def format_duration(duration: timedelta) -> str:
    """Write a duration as a person would: `About an hour`, `5 days`."""
    seconds = int(duration.total_seconds())
    if seconds < _HOUR:
        return _format_short(seconds)
    hours = int(seconds / _HOUR + 0.5)
    if hours == 1:
        return "About an hour"
    if hours < 2 * _DAY:
        return f"{hours} hours"
    return _format_long(hours)


def _format_short(seconds: int) -> str:
    if seconds < 1:
        return "Less than a second"
    if seconds == 1:
        return "1 second"
    if seconds < _MINUTE:
        return f"{seconds} seconds"
    minutes = seconds // _MINUTE
    return "About a minute" if minutes == 1 else f"{minutes} minutes"


def _format_long(hours: int) -> str:
    if hours < 2 * _WEEK:
        return f"{hours // _DAY} days"
    if hours < 2 * _MONTH:
        return f"{hours // _WEEK} weeks"
    if hours < 2 * _YEAR:
        return f"{hours // _MONTH} months"
    return f"{hours // _YEAR} years"
