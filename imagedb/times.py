"""Moments as documents write them, and as ours do."""

import re
from datetime import UTC, datetime
from typing import Final

_FRACTION: Final = re.compile(r"(\.\d{6})\d+")
_GO_ZERO_YEAR: Final = 1


def find_time(text: object) -> datetime | None:
    """Read an RFC 3339 moment, to the microsecond, in UTC.

    None for what is no moment, and for Go's zero time, which stands for "unknown".
    """
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", text.strip()))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year > _GO_ZERO_YEAR else None


def format_utc(moment: datetime) -> str:
    """Write a moment in UTC for JSON: `2026-01-31T15:04:05.5Z`."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text.rstrip('0') if '.' in text else text}Z"
