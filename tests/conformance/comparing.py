"""Compare what a server did with what a real engine was recorded to do.

* Sizes do not compare, whatever their names.
* Events compare by type, action, actor and order; of attributes the recorded ones must be there.
* The wording of Go's own JSON, time and tar errors is free behind moby's prefix.
* Everything else compares to the letter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.conformance.playing import Play, Step
from tests.conformance.scenarios import FIELDS, Deviation
from tests.conformance.symbols import SIZES

FREE_BEHIND: Final = ("failed to parse platform: ", "invalid value for 'until' filter: ")
_GO_TAR: Final = "archive/tar: "
_UNCOMPARED: Final = SIZES | {"size"}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a server did something else."""

    step: int
    """From 1; 0 is the beginning."""
    what: str
    expected: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Result:
    """How a scenario compares."""

    scenario: str
    differences: tuple[Difference, ...] = ()
    deviations: frozenset[int] = frozenset()
    """Their numbers, where what is expected is not what is recorded."""
    out_of_scope: str | None = None
    problem: str | None = None
    """Why it could not be played."""

    @property
    def outcome(self) -> str:
        """In a word or two."""
        if self.out_of_scope:
            return f"out of scope: {self.out_of_scope}"
        if self.problem or self.differences:
            return "differs"
        numbers = ", ".join(map(str, sorted(self.deviations)))
        return f"deviation {numbers}" if numbers else "equal"


def compare(
    name: str, play: Play, record: Mapping[str, Any], deviations: Iterable[Deviation] = ()
) -> Result:
    """Compare a play with its record, as the deviations correct it."""
    corrected = expected_steps(record)
    numbers = set[int]()
    for deviation in deviations:
        step = corrected[deviation.step - 1]
        if is_equal(deviation.what, step[deviation.what], deviation.expected):
            raise ValueError(f"{name}, step {deviation.step}: this is what is recorded")
        step[deviation.what] = deviation.expected
        numbers.update(deviation.numbers)
    differences = tuple(_differences(play, record["initial"], corrected))
    return Result(name, differences, frozenset(numbers))


def expected_steps(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The recorded steps; one that does not say what is there afterwards changed nothing."""
    steps, there = [], record["initial"]
    for step in record["steps"]:
        there = step.get("after", there)
        steps.append(step | {"after": there})
    return steps


def _differences(
    play: Play, initial: object, expected: list[dict[str, Any]]
) -> Iterator[Difference]:
    if not is_equal("after", initial, play.initial):
        yield Difference(0, "after", initial, play.initial)
    if len(expected) != len(play.steps):
        yield Difference(0, "steps", len(expected), len(play.steps))
    for number, (wanted, step) in enumerate(zip(expected, play.steps, strict=False), start=1):
        for what in FIELDS:
            found = field_of(step, what)
            if not is_equal(what, wanted[what], found):
                yield Difference(number, what, wanted[what], found)


def field_of(step: Step, what: str) -> Any:  # noqa: ANN401 - JSON
    """What is compared, by its name."""
    return getattr(step, what)


def is_equal(what: str, expected: Any, found: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether one field of a step is as it should be."""
    if what == "events":
        return len(expected) == len(found) and all(map(_same_event, expected, found))
    return _same(expected, found)


def _same_event(expected: list[Any], found: list[Any]) -> bool:
    told, attributes = expected[3], found[3]
    return expected[:3] == found[:3] and told.items() <= attributes.items()


def _same(expected: Any, found: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(
            (key in _UNCOMPARED and not isinstance(value, dict)) or _same(value, found[key])
            for key, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(_same, expected, found))
    if isinstance(expected, str) and isinstance(found, str):
        return _same_text(expected, found)
    return bool(expected == found)


def _same_text(expected: str, found: str) -> bool:
    if expected.startswith(_GO_TAR):
        return bool(found)
    for prefix in FREE_BEHIND:
        if expected.startswith(prefix):
            return found.startswith(prefix)
    return expected == found
