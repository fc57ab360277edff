"""What is wrong with a source, said where it is found and completed where its name is known."""

import contextlib
from collections.abc import Iterator
from typing import Final

from imagedb.errors import InvalidSourceError, LimitExceededError

_LONGEST_NAME: Final = 200


class Problem(Exception):  # noqa: N818 - never leaves this package: `blamed_on` makes it an error
    """A fault of the source at hand."""


class OverLimit(Problem):
    """A fault that is a number beyond one of `limits`."""

    def __init__(self, problem: str, *, limit: int) -> None:
        super().__init__(problem)
        self.limit = limit


def quoted(name: str) -> str:
    """Quote a name from inside a source, fit for one line of a terminal."""
    return repr(name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…")


def printable(text: str) -> str:
    """Escape what no terminal should be sent."""
    return text if text.isprintable() else repr(text)[1:-1]


@contextlib.contextmanager
def blamed_on(source: str) -> Iterator[None]:
    """Turn what goes wrong while a source is read into an error that names the source.

    Raises:
        InvalidSourceError: for every `Problem`, and for what the operating system refuses.
        LimitExceededError: for every `OverLimit`.
    """
    try:
        yield
    except OverLimit as problem:
        raise LimitExceededError(source, str(problem), limit=problem.limit) from None
    except Problem as problem:
        raise InvalidSourceError(source, str(problem)) from None
    except OSError as error:
        raise InvalidSourceError(source, error.strerror or str(error)) from error
