"""Which operations clients do, how often, and in which of them they pause."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from benchmarks.stress.operations import Operation
from benchmarks.stress.options import MIXED, RACES, Options
from benchmarks.stress.table import TABLE


@dataclass(frozen=True, slots=True)
class Load:
    """What clients do."""

    weights: Mapping[str, float]
    slow: frozenset[str] = field(default_factory=frozenset)
    """The operations whose statements clients pause at; those of all if it is empty."""

    def pauses_in(self, operation: str) -> bool:
        """Whether a client pauses while it is at this."""
        return not self.slow or operation in self.slow


LOADS: Final[Mapping[str, Load]] = {
    MIXED: Load({operation.name: operation.weight for operation in TABLE}),
    # Deletes dawdle between what they read and what they remove; the others are quick, and bring
    # back what was removed: names and running containers come to what is being deleted.
    RACES: Load(
        {
            "import": 12,
            "tag": 6,
            "delete": 6,
            "delete used": 16,
            "create": 18,
            "start": 26,
            "stop": 32,
            "remove": 12,
        },
        slow=frozenset({"delete", "delete used"}),
    ),
}


def table_of(options: Options) -> list[tuple[Operation, float]]:
    """The operations of a run, with their weights."""
    weights = LOADS[options.load].weights
    names = options.only or weights
    return [
        (each, weights[each.name])
        for each in TABLE
        if each.name in names and weights.get(each.name)
    ]
