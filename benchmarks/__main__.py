"""Print one table for each engine: every operation as a multiple of the floors.

python -m benchmarks                          100,000 images on PostgreSQL, 10,000 on SQLite
python -m benchmarks --quick                  10,000 images on both, few samples, under 2 minutes
python -m benchmarks --images 10000 --engine sqlite --json bench.json
"""

import argparse
import dataclasses
import json
from pathlib import Path

from benchmarks.core import ENGINES, Result, run
from benchmarks.floors import pin

Runs = tuple[tuple[str, int], ...]
DEFAULT: Runs = (("postgresql", 100_000), ("sqlite", 10_000))
QUICK: Runs = (("postgresql", 10_000), ("sqlite", 10_000))
BARS = {"parents": 4.0}
"""Multiples of F1 on PostgreSQL."""


def main() -> None:
    """Measure and print; there are no thresholds here, a reader compares."""
    arguments = _parse()
    pin()
    runs = QUICK if arguments.quick else DEFAULT
    if arguments.images or arguments.engine:
        engines = [arguments.engine] if arguments.engine else list(ENGINES)
        runs = tuple((engine, arguments.images or 10_000) for engine in engines)
    samples = 30 if arguments.quick else 250
    results = [run(engine, images, samples=samples) for engine, images in runs]
    for result in results:
        _print(result)
    if arguments.json:
        data = [dataclasses.asdict(result) for result in results]
        arguments.json.write_text(json.dumps(data, indent=1) + "\n")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="10,000 images, few samples")
    parser.add_argument("--images", type=int, help="size of the fleet")
    parser.add_argument("--engine", choices=ENGINES, help="one engine only")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


def _print(result: Result) -> None:
    f1, w0 = result.samples["F1"], result.samples["W0"]
    print(f"\n{result.engine}, {result.images:,} images, loaded in {result.load_seconds:.0f} s")
    print(
        f"  {'operation':22} {'p10 us':>9} {'p50 us':>9} {'p99 us':>9} {'x F1':>6} {'x W0':>6}  bar"
    )
    for name, sample in result.samples.items():
        bar = BARS.get(name) if result.engine == "postgresql" else None
        print(
            f"  {name:22} {sample.p10:9.1f} {sample.p50:9.1f} {sample.p99:9.1f}"
            f" {sample.over(f1):6.2f} {sample.over(w0):6.2f}  {f'<= {bar} x F1' if bar else ''}"
        )


if __name__ == "__main__":
    main()
