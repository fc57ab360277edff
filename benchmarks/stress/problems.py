"""What can be wrong with a run, and what is said of it."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What a run is judged for, in the words of its last lines."""

    INVARIANT = "invariant violations"
    ACKNOWLEDGEMENT = "lost or doubled acknowledgements"
    DEADLOCK = "deadlocks shown"
    LOCKED = '"database is locked" shown'
    DRIVER = "driver errors shown"
    UNEXPECTED = "unexpected errors"
    RELEASE = "releases that are not the bytes that left"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must not be."""

    verdict: Verdict
    text: str
