"""Moments as a user types them, in docker's forms.

::

    moment    := duration | seconds | date [time] [zone]
    duration  := (number unit)+            10m, 1h30m: that long ago; days only where it says so
    seconds   := 1700000000[.5]            since 1970, UTC
    date      := 2026-01-31
    time      := T15 | T15:04 | T15:04:05[.999]
    zone      := Z | +01:00                without it, local time

Source: moby, api/types/time/timestamp.go (GetTimestamp).
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from imagedb.errors import InvalidInputError

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER: Final = r"\d+(?:\.\d*)?|\.\d+"
_UNIT_SECONDS: Final = {
    "d": 86_400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "ns": 1e-9,
}
_UNITS: Final = "ns|us|µs|ms|s|m|h"
_PART: Final = re.compile(rf"({_NUMBER})({_UNITS}|d)", re.ASCII)
_DURATION: Final = re.compile(rf"([+-]?)((?:(?:{_NUMBER})(?:{_UNITS}))+)", re.ASCII)
_AGE: Final = re.compile(rf"()((?:(?:{_NUMBER})(?:{_UNITS}|d))+)", re.ASCII)
_SECONDS: Final = re.compile(r"-?\d{1,18}(?:\.\d{1,9})?", re.ASCII)
_DATE: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d\d:\d\d)?",
    re.ASCII | re.IGNORECASE,
)


def parse_range(
    since: str | None, until: str | None, *, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Read the two ends of a range of time.

    Raises:
        InvalidInputError: one of them is no moment, or the first is after the second.
    """
    first = _parse_option("since", since, now)
    last = _parse_option("until", until, now)
    if first and last and first > last:
        raise InvalidInputError(f"`since` time ({since}) cannot be after `until` time ({until})")
    return first, last


def _parse_option(name: str, value: str | None, now: datetime) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_moment(value, now=now)
    except InvalidInputError as error:
        raise InvalidInputError(f"invalid value for '{name}': {error}") from None


def parse_moment(text: str, *, now: datetime) -> datetime:
    """Read a moment; a duration counts back from `now`.

    Raises:
        InvalidInputError: it is none of the forms above, or lies beyond the years 1 to 9999.
    """
    try:
        found = _find_moment(text, now)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise InvalidInputError(
            f'failed to parse value as time or duration: "{text[:80]}" '
            "(expected 10m, 2026-01-31T15:04:05Z or seconds since 1970)",
        )
    return found


def parse_age(text: str) -> datetime | timedelta:
    """Read how old something is: a moment, or a duration, in days too (docker's may not be).

    Raises:
        InvalidInputError: it is none of the forms above, nor a number of days.
    """
    if text.startswith("-"):
        raise InvalidInputError(f"{text[:80]!r} is no age: expected 90d, 12h or a moment")
    if _AGE.fullmatch(text):
        return parse_duration(text)
    return parse_moment(text, now=_EPOCH)


def parse_duration(text: str) -> timedelta:
    """Read a duration; it may be in days.

    Raises:
        InvalidInputError: it is none.
    """
    try:
        duration = _find_duration(text, _AGE)
    except OverflowError:
        duration = None
    if duration is None:
        raise InvalidInputError(f"invalid duration {text[:80]!r}: expected 90s, 10m, 1h30m or 7d")
    return duration


def parse_end(text: str) -> datetime | timedelta:
    """Read when something is to end: a moment, or for how long from now, perhaps in days.

    Raises:
        InvalidInputError: it is neither.
    """
    if text.startswith(("-", "+")):
        raise InvalidInputError(f"{text[:80]!r} is no end: expected 90d, 12h or a moment")
    return parse_duration(text) if _AGE.fullmatch(text) else parse_moment(text, now=_EPOCH)


def _find_moment(text: str, now: datetime) -> datetime | None:
    if text != "0" and (duration := _find_duration(text)) is not None:
        return now - duration
    if _SECONDS.fullmatch(text):
        return _EPOCH + timedelta(seconds=float(text))
    if not (match := _DATE.fullmatch(text)):
        return None
    date, hour, minute, second, fraction, zone = match.groups(default="")
    clock = f"{hour or '00'}:{minute or '00'}:{second or '00'}.{fraction or 0:0<6}"
    return datetime.fromisoformat(f"{date}T{clock}{zone.upper()}").astimezone(UTC)


def _find_duration(text: str, form: re.Pattern[str] = _DURATION) -> timedelta | None:
    if not (match := form.fullmatch(text)):
        return None
    seconds = sum(float(number) * _UNIT_SECONDS[unit] for number, unit in _PART.findall(match[2]))
    return timedelta(seconds=-seconds if match[1] == "-" else seconds)
