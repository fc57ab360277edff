from collections.abc import Callable
from pathlib import Path

from imagedb.database import Database
from tests.builders.service import a_service
from tests.conformance.engine import Engine
from tests.conformance.running import Conformance, chosen, table
from tests.conformance.scenarios import load_deviations, load_record

MOST_DEVIATING = 35
"""Scenarios: more would be another engine."""


def test_service_answers_as_the_recorded_engine(
    database: Database, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Every scenario that needs no build comes out as recorded, or as documented."""
    conformance = Conformance()
    with a_service(database, tmp_path) as service:
        engine = Engine(service.url)
        results = [conformance.run(engine, scenario) for scenario in chosen()]

    for line in table(results, with_scenarios=False):
        record_property(line.strip(), "")
    assert not [result.outcome for result in results if result.outcome == "differs"], "\n".join(
        table([result for result in results if result.outcome == "differs"])
    )
    assert sum(1 for result in results if result.deviations) <= MOST_DEVIATING


def test_every_scenario_has_a_record() -> None:
    """What is played can be compared, and what was recorded is played."""
    names = [scenario.name for scenario in chosen()]

    assert sorted(load_record("newest")) == sorted(names)
    assert set(load_record("seed")) <= set(names)


def test_every_deviation_is_of_a_step_that_is_played() -> None:
    """One that nothing is compared with would hide nothing, and say that it does."""
    steps = {scenario.name: scenario.steps for scenario in chosen() if not scenario.needs}

    for deviation in load_deviations():
        assert 0 < deviation.step <= len(steps[deviation.scenario])
