"""The scenarios, the records and the deviations, as they lie beside this file."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
FIELDS: Final = ("status", "body", "events", "after")
"""What is compared of a step."""
SEED_SCENARIOS: Final = "parents_rootfs."
"""Here the newest engine knows no parents: the seed's record is expected (deviation 2)."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that is done to an engine."""

    name: str
    rule: str
    setup: tuple[str, ...]
    steps: tuple[str, ...]
    needs: str | None
    """What imagedb is no engine for."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """Where imagedb answers otherwise than the record, on purpose."""

    numbers: tuple[int, ...]
    """Of the list in docs/conformance.md."""
    scenario: str
    step: int
    """From 1."""
    what: str
    """One of `FIELDS`."""
    expected: Any
    """Instead of what is recorded."""


def load_scenarios() -> tuple[Scenario, ...]:
    """All scenarios, in their order."""
    return tuple(
        Scenario(
            name=one["name"],
            rule=one["rule"],
            setup=tuple(one.get("setup", ())),
            steps=tuple(one.get("steps", ())),
            needs=one.get("needs"),
        )
        for one in _read_toml("scenarios.toml")["scenario"]
    )


def load_deviations() -> tuple[Deviation, ...]:
    """All deviations; what is expected of a field is JSON."""
    return tuple(
        Deviation(tuple(one["numbers"]), one["scenario"], one["step"], what, json.loads(one[what]))
        for one in _read_toml("deviations.toml")["deviation"]
        for what in FIELDS
        if what in one
    )


def load_record(name: str) -> dict[str, Any]:
    """What an engine answered, by scenario."""
    text = (HERE / "records" / f"{name}.json").read_text(encoding="utf-8")
    scenarios: dict[str, Any] = json.loads(text)["scenarios"]
    return scenarios


def _read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))
