"""Play scenarios on a server, and compare them."""

import fnmatch
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from tests.conformance.comparing import Difference, Result, compare
from tests.conformance.engine import Engine, SetupError
from tests.conformance.playing import Play, play
from tests.conformance.scenarios import (
    SEED_SCENARIOS,
    Deviation,
    Scenario,
    load_deviations,
    load_record,
    load_scenarios,
)
from tests.conformance.seed import as_newest

PARENTS: Final = 2
"""The deviation that makes the seed's record the expected one."""


class Conformance:
    """The scenarios with what is expected of them."""

    def __init__(self, record: str | None = None, *, with_deviations: bool = True) -> None:
        """Expect what imagedb promises, or of another engine one of the records as it is."""
        self._expected = load_record(record or "newest")
        if record is None:
            seed = load_record("seed")
            self._expected |= {
                name: as_newest(seed[name]) for name in seed if name.startswith(SEED_SCENARIOS)
            }
        self._deviations: defaultdict[str, list[Deviation]] = defaultdict(list)
        for deviation in load_deviations() if with_deviations else ():
            self._deviations[deviation.scenario].append(deviation)

    def run(self, engine: Engine, scenario: Scenario) -> Result:
        """Play one scenario and compare it."""
        if scenario.needs:
            return Result(scenario.name, out_of_scope=f"needs {scenario.needs}")
        try:
            played = play(engine, scenario.setup, scenario.steps)
        except SetupError as error:
            return Result(scenario.name, problem=str(error))
        return self.compare(scenario, played)

    def compare(self, scenario: Scenario, played: Play) -> Result:
        """Compare a scenario as it went with what is expected."""
        name = scenario.name
        result = compare(name, played, self._expected[name], self._deviations[name])
        if name.startswith(SEED_SCENARIOS) and self._deviations:
            return replace(result, deviations=result.deviations | {PARENTS})
        return result


def chosen(patterns: str = "*") -> tuple[Scenario, ...]:
    """The scenarios whose names fit one of some patterns, separated by commas."""
    wanted = patterns.split(",")
    return tuple(
        one for one in load_scenarios() if any(fnmatch.fnmatch(one.name, p) for p in wanted)
    )


def table(results: Sequence[Result], *, with_scenarios: bool = True) -> Iterator[str]:
    """Draw how every scenario came out, with its differences, and how many came out how."""
    for result in results if with_scenarios else ():
        yield f"{result.scenario:50} {result.outcome}"
        if result.problem:
            yield f"    cannot be played: {result.problem}"
        for difference in result.differences:
            yield from _drawn(difference)
    for outcome, count in sorted(Counter(result.outcome for result in results).items()):
        yield f"{count:5}  {outcome}"


def _drawn(difference: Difference) -> Iterator[str]:
    yield f"    step {difference.step}, {difference.what}"
    yield f"      expected {difference.expected}"
    yield f"      found    {difference.found}"
