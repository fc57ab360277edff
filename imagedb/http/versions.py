"""Versions of the Engine API: what is spoken here, and what a request asks for.

Source: moby, daemon/server/middleware/version.go.
"""

import re
from typing import Final

from imagedb.errors import InvalidInputError

Version = tuple[int, int]

NEWEST: Final[Version] = (1, 56)
"""Of the engine whose recorded behaviour is the test (docs/conformance.md)."""
OLDEST: Final[Version] = (1, 40)
_PREFIX: Final = re.compile(r"/v(\d{1,3})\.(\d{1,3})(?=/)", re.ASCII)


def format_version(version: Version) -> str:
    """Write a version as paths and headers have it."""
    return f"{version[0]}.{version[1]}"


def split_version(path: str) -> tuple[Version | None, str]:
    """Take the version off a path; one without is answered in the newest."""
    match = _PREFIX.match(path)
    if match is None:
        return None, path
    return (int(match[1]), int(match[2])), path[match.end() :]


def check_version(version: Version) -> Version:
    """Refuse what is not spoken, in docker's words.

    Raises:
        InvalidInputError: it is older or newer than what we know.
    """
    if version < OLDEST:
        raise InvalidInputError(
            f"client version {format_version(version)} is too old. Minimum supported API version "
            f"is {format_version(OLDEST)}, please upgrade your client to a newer version",
        )
    if version > NEWEST:
        raise InvalidInputError(
            f"client version {format_version(version)} is too new. "
            f"Maximum supported API version is {format_version(NEWEST)}",
        )
    return version
