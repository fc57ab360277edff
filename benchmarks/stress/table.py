"""The whole load."""

from typing import Final

from benchmarks.stress.claiming import CLAIMS
from benchmarks.stress.holding import HOLDS
from benchmarks.stress.operations import Operation
from benchmarks.stress.pruning import DECISIONS
from benchmarks.stress.reads import READS
from benchmarks.stress.writes import WRITES

TABLE: Final[tuple[Operation, ...]] = (*READS, *WRITES, *DECISIONS, *CLAIMS, *HOLDS)
