"""Parameters of docker's API: booleans, filters, platforms, moments.

Source: moby, daemon/server/httputils/form.go; daemon/internal/filters/parse.go.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from imagedb.errors import InvalidInputError
from imagedb.platforms import Platform, parse_platform, platform_of

_FALSE: Final = frozenset({"", "0", "no", "false", "none"})
Filters = Mapping[str, tuple[str, ...]]


def is_true(value: str | None) -> bool:
    """Read a boolean as docker does: all but a few words are true."""
    return (value or "").strip().lower() not in _FALSE


def parse_filters(text: str | None, known: Collection[str] | None = None) -> Filters:
    """Read `{"key": ["value"]}`, or the older `{"key": {"value": true}}`.

    Raises:
        InvalidInputError: it is neither, or has a key that is not among those known.
    """
    if not text:
        return {}
    try:
        parsed = json.loads(text)
        filters = {str(key): _values(values) for key, values in parsed.items()}
    except (ValueError, AttributeError, RecursionError):
        raise InvalidInputError("invalid filter") from None
    for key in filters:
        if known is not None and key not in known:
            raise InvalidInputError(f"invalid filter '{key}'")
    return filters


def _values(values: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    if isinstance(values, dict):
        values = [value for value, wanted in values.items() if wanted]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError
    return tuple(values)


def parse_platform_objects(texts: Iterable[str]) -> tuple[Platform, ...]:
    """Read platforms as JSON objects, each a text.

    Raises:
        InvalidInputError: one of them is none.
    """
    return tuple(parse_platform_object(text) for text in texts)


def parse_platform_object(text: str) -> Platform:
    """Read `{"os": ..., "architecture": ..., "variant": ...}`.

    Raises:
        InvalidInputError: it is none, or lacks what a platform must have.

    Source: moby, daemon/server/httputils/form.go, `DecodePlatform`.
    """
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInputError(f"failed to parse platform: not JSON: {text[:80]!r}") from None
    if not isinstance(parsed, dict):
        raise InvalidInputError(f"failed to parse platform: not a JSON object: {text[:80]!r}")
    fields = {key.lower(): value for key, value in parsed.items()}
    parts = [fields.get(name, "") for name in ("os", "architecture", "variant")]
    if not all(isinstance(part, str) for part in parts):
        raise InvalidInputError(f"failed to parse platform: not all texts: {text[:80]!r}")
    if not any(parts[:2]) and any(fields.values()):
        raise InvalidInputError(
            "optional platform fields provided, but OS and Architecture are missing"
        )
    if not all(parts[:2]):
        raise InvalidInputError("both OS and Architecture must be provided")
    return platform_of(*parts)


def parse_platform_text(text: str | None) -> Platform | None:
    """Read `os/architecture[/variant]`, where it is given.

    Raises:
        InvalidPlatformError: it is none.
    """
    return parse_platform(text) if text else None
