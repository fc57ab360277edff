"""Judge whether clients were told of errors in our own words, and of none that must not be."""

import re
from collections.abc import Iterator
from typing import Final

from benchmarks.stress.history import Failure, History
from benchmarks.stress.problems import Problem, Verdict

_FORBIDDEN: Final = (
    (Verdict.DEADLOCK, re.compile("deadlock", re.IGNORECASE)),
    (Verdict.LOCKED, re.compile("(database|table) is locked", re.IGNORECASE)),
    (
        Verdict.DRIVER,
        re.compile(
            "violates|constraint|duplicate key|psycopg|sqlalchemy|sqlite3|Traceback|"
            "the database refused|datatype|no such (table|column)|does not exist$"
        ),
    ),
)
_EXPECTED: Final = frozenset(
    {
        "AlreadyExistsError",
        "BusyError",
        "ConflictError",
        "ContainerNotFoundError",
        "ContainerStateError",
        "HoldNotFoundError",
        "HostNotFoundError",
        "ImageInUseError",
        "ImageNotFoundError",
        "OutcomeUnknownError",
        "PlanChangedError",
        "PlatformNotFoundError",
    }
)
_FULL: Final = re.compile("the disk of the database is full")
"""A fault that the run makes, and that does not pass by itself; of the others BusyError tells."""
_CAUSES: Final = tuple(
    (cause, re.compile(words))
    for cause, words in (
        ("commit lost", "its outcome is unknown"),
        ("disk full", _FULL.pattern),
        ("server stopped", "cannot be reached|shutting down"),
        ("server starting", "the database system is (starting|not yet|in recovery)"),
        ("connection cut", "terminating connection|the connection to the database was lost"),
        ("timeout", "canceling statement due to"),
        ("others", "others kept changing|the database is busy"),
    )
)
"""What clients were refused for by the database; the first that fits."""


def cause_of(failure: Failure) -> str | None:
    """Which fault made an error, by its words; None for what was asked wrongly."""
    if failure.ours and failure.error not in {"BusyError", "DatabaseError", "OutcomeUnknownError"}:
        return None
    found = (cause for cause, words in _CAUSES if words.search(failure.text))
    return next(found, "unknown")


def judge_refusals(history: History, *, faults: bool) -> Iterator[Problem]:
    """What was told as an error, and should not have been."""
    for operation, failure, _ in history.failures:
        verdict = _verdict(failure, faults=faults)
        if verdict:
            yield Problem(verdict, f"{operation} was told {failure.error}: {failure.text}")
    for text in history.broken:
        yield Problem(Verdict.INVARIANT, text)


def _verdict(failure: Failure, *, faults: bool) -> Verdict | None:
    for verdict, words in _FORBIDDEN:
        if words.search(failure.text):
            return verdict
    if not failure.ours:
        return Verdict.DRIVER
    if failure.error == "DatabaseError" and faults and _FULL.search(failure.text):
        return None
    return None if failure.error in _EXPECTED else Verdict.UNEXPECTED
