r"""Let many processes loose on one database, make faults, and prove what must hold.

python -m benchmarks.stress --faults                       16 processes, 5 minutes, PostgreSQL
python -m benchmarks.stress --engine sqlite --processes 4 --seconds 120 --faults
python -m benchmarks.stress --load races --processes 6 --seconds 15 --images 4 --pauses 0.6 \
    --in-memory --without image-lock,foreign-keys                  must fail: a control
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.stress.loads import LOADS
from benchmarks.stress.options import IMAGES, MIXED, SAFEGUARDS, Options
from benchmarks.stress.report import as_json, print_result
from benchmarks.stress.running import run
from benchmarks.stress.table import TABLE
from imagedb.database import parse_url
from imagedb.errors import AlreadyExistsError

ENGINES = ("postgresql", "sqlite")


def main() -> None:
    """Run; the exit code is 1 if anything was broken."""
    given = _parse()
    try:
        result = run(_options(given))
    except AlreadyExistsError as error:
        sys.exit(f"{error}: a run has been here with this seed; give another --seed")
    print_result(result)
    if given.out:
        given.out.write_text(json.dumps(as_json(result), indent=1) + "\n")
    sys.exit(1 if result.problems else 0)


def _options(given: argparse.Namespace) -> Options:
    return Options(
        engine=given.engine,
        processes=given.processes,
        seconds=given.seconds,
        faults=given.faults,
        seed=given.seed,
        images=given.images,
        only=tuple(given.only),
        load=given.load,
        without=tuple(given.without),
        pauses=given.pauses,
        in_memory=given.in_memory,
        url=given.url,
        until=given.until,
    )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stress",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--engine", choices=ENGINES, default="postgresql")
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--faults", action="store_true", help="make faults while it runs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--images", type=int, default=IMAGES, help="the hot set; fewer are hotter")
    parser.add_argument(
        "--pauses", type=float, default=0.05, help="share of the statements at which clients pause"
    )
    parser.add_argument("--in-memory", action="store_true", help="the database, not on a disk")
    parser.add_argument("--url", help="a database to use; its server is not crashed")
    parser.add_argument("--out", type=Path, help="write the figures to this file too")
    parser.add_argument("--load", choices=LOADS, default=MIXED, help="races: around slow deletes")
    parser.add_argument("--until", metavar="PATTERN", help="end as soon as this is wrong")
    parser.add_argument(
        "--only",
        type=_words,
        default=[],
        metavar="OPERATION[,OPERATION]",
        help="only these operations",
    )
    parser.add_argument(
        "--without",
        type=_words,
        default=[],
        metavar="SAFEGUARD[,SAFEGUARD]",
        help=f"take away {' or '.join(SAFEGUARDS)}, to see that the run fails",
    )
    given = parser.parse_args()
    _refuse(parser, given)
    return given


def _words(text: str) -> list[str]:
    return text.split(",")


def _refuse(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Refuse what would prove nothing, or harm what is not the run's own."""
    operations = tuple(operation.name for operation in TABLE)
    for option, words, known in (
        ("--without", given.without, SAFEGUARDS),
        ("--only", given.only, operations),
    ):
        for word in set(words) - set(known):
            parser.error(f"{option} {word}: expected {', '.join(known)}")
    if given.without and (given.url or given.engine == "sqlite"):
        parser.error("--without is for the run's own PostgreSQL: SQLite has one writer at a time")
    if given.url:
        given.engine = parse_url(given.url).get_backend_name()


if __name__ == "__main__":
    main()
