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
_AWAY: Final = re.compile("cannot use the database: |the disk of the database is full")
"""A server that is stopped, a disk that is full: faults that the run makes."""


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
    if failure.error == "DatabaseError" and faults and _AWAY.search(failure.text):
        return None
    return None if failure.error in _EXPECTED else Verdict.UNEXPECTED
