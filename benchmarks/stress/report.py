"""Print what came of a run, and keep it as JSON."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from benchmarks.stress.problems import Verdict
from benchmarks.stress.refusals import cause_of
from benchmarks.stress.running import Result
from benchmarks.stress.table import TABLE

_DETAILS: Final = re.compile(r"stress-\S+|/\S+")
SHOWN: Final = 10
"""Problems told of each kind; the others are counted."""
TOLD: Final = 110
"""Characters of a refusal."""


def print_result(result: Result) -> None:
    """Print the operations, the errors, the faults and the verdict."""
    for line in (*_head(result), *_operations(result), *_errors(result), *_verdict(result)):
        print(line)


def _head(result: Result) -> Iterator[str]:
    options = result.options
    yield (
        f"\n{options.engine}, {options.processes} processes, {result.seconds:.0f} s, "
        f"{options.images} images, seed {options.seed}, pauses at {options.pauses:.0%}"
        + (f", without {' and '.join(options.without)}" if options.without else "")
    )


def _operations(result: Result) -> Iterator[str]:
    yield f"  {'operation':12} {'done':>8} {'refused':>8} {'per s':>8} {'p50 ms':>8} {'p99 ms':>8}"
    refused = Counter(operation for operation, _, _ in result.history.failures)
    for row in _rows(result, refused):
        yield (
            f"  {row['operation']:12} {row['done']:8,} {row['refused']:8,} {row['per_second']:8.1f}"
            f" {row['p50_ms']:8.1f} {row['p99_ms']:8.1f}"
        )
    done = sum(map(len, result.history.took.values()))
    yield (
        f"  {'all':12} {done:8,} {refused.total():8,} {done / (result.seconds or 1):8.1f}"
        f"      {result.events:,} events"
    )


def _rows(result: Result, refused: Counter[str]) -> Iterator[dict[str, Any]]:
    for operation in TABLE:
        took = sorted(result.history.took.get(operation.name, []))
        yield {
            "operation": operation.name,
            "done": len(took),
            "refused": refused[operation.name],
            "per_second": round(len(took) / (result.seconds or 1), 1),
            "p50_ms": round(_at(took, 0.5) * 1000, 2),
            "p99_ms": round(_at(took, 0.99) * 1000, 2),
        }


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[int((len(ordered) - 1) * share)] if ordered else 0.0


def _errors(result: Result) -> Iterator[str]:
    errors = Counter(failure.error for _, failure, _ in result.history.failures)
    yield "  refused: " + (", ".join(f"{n:,} {e}" for e, n in errors.most_common()) or "nothing")
    for count, error, cause, text in _told(result):
        yield f"    {count:6,} {error}, {cause}: {text[:TOLD]}"
    yield f"  made again under their ID: {_repeated(result):,}"
    faults = ", ".join(f"{n} x {f}" for f, n in result.faults.most_common())
    yield f"  faults:  {faults or 'none'}"
    if result.deadlocks is not None:
        yield f"  deadlocks that the server undid: {result.deadlocks}"
    yield f"  proofs of the database (db check): {result.checks}"
    yield f"  bytes that left: {result.bytes.left:,}; released: {result.bytes.released:,}"


def _repeated(result: Result) -> int:
    return sum(asked.asked > 1 for asked in result.history.requests.values())


def _verdict(result: Result) -> Iterator[str]:
    for verdict in Verdict:
        count = result.count(verdict)
        yield f"  {count:6,} {verdict.value}"
        found = [p.text for p in result.problems if p.verdict is verdict]
        yield from (f"         {text}" for text in found[:SHOWN])
    yield "  FAILED" if result.problems else "  all kept"


def as_json(result: Result) -> dict[str, Any]:
    """The figures of a run."""
    failures = result.history.failures
    refused = Counter(operation for operation, _, _ in failures)
    return {
        "options": dataclasses.asdict(result.options),
        "seconds": round(result.seconds, 1),
        "operations": list(_rows(result, refused)),
        "errors": dict(Counter(failure.error for _, failure, _ in failures)),
        "told": _told(result),
        "repeated": _repeated(result),
        "events": result.events,
        "faults": dict(result.faults),
        "checks": result.checks,
        "deadlocks_undone": result.deadlocks,
        "bytes_left": result.bytes.left,
        "bytes_released": result.bytes.released,
        "verdict": {verdict.name.lower(): result.count(verdict) for verdict in Verdict},
        "problems": [f"{problem.verdict.value}: {problem.text}" for problem in result.problems],
    }


def _told(result: Result) -> list[list[Any]]:
    """How often which errors were told that the database made, without their details."""
    of_database = Counter(
        (failure.error, cause, _DETAILS.sub("...", failure.text))
        for _, failure, _ in result.history.failures
        if (cause := cause_of(failure))
    )
    return [[count, *told] for told, count in of_database.most_common()]
