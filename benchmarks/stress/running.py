"""A run: clients at work, faults and checks meanwhile; then silence, and the judgement."""

import contextlib
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from benchmarks.stress.acknowledgements import judge_acknowledgements
from benchmarks.stress.crew import PATIENCE, Crew, crew_of
from benchmarks.stress.evidence import Evidence, read_stored
from benchmarks.stress.faults import Faults
from benchmarks.stress.history import History, read_history
from benchmarks.stress.options import Options
from benchmarks.stress.places import Place, place_of
from benchmarks.stress.population import populate
from benchmarks.stress.problems import Problem, Verdict
from benchmarks.stress.refusals import judge_refusals
from benchmarks.stress.releasing import Bytes, judge_releases, sum_bytes
from benchmarks.stress.replay import Replay, judge_replay
from imagedb.checking import check_database
from imagedb.database import Database
from imagedb.errors import ImageDBError
from imagedb.procedures import settle
from imagedb.schema import candidate

TICK = 0.05
CHECK_PAUSE = 2.0
"""Seconds between two proofs of the database."""
_BUSY = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


@dataclass(slots=True)
class Result:
    """What came of a run."""

    options: Options
    seconds: float = 0.0
    evidence: Evidence | None = None
    history: History = field(default_factory=History)
    events: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    checks: int = 0
    deadlocks: int | None = None
    """Those that the server found and undid; unknown of a server that is not the run's own."""
    bytes: Bytes = field(default_factory=lambda: Bytes(0, 0))
    problems: list[Problem] = field(default_factory=list)

    def count(self, verdict: Verdict) -> int:
        """How many problems of a kind there are."""
        return sum(problem.verdict is verdict for problem in self.problems)


def run(options: Options) -> Result:
    """Let clients work for some seconds, and judge what has come of it."""
    result = Result(options)
    with place_of(options) as place:
        database = Database(place.url)
        try:
            with crew_of(options, place) as crew:
                _play(result, place, database, crew)
            _judge(result, place, database)
        finally:
            database.close()
    return result


def _play(result: Result, place: Place, database: Database, crew: Crew) -> None:
    crew.await_first()
    begun = time.monotonic()
    faults = Faults(result.options, place, crew)
    next_check = begun + CHECK_PAUSE
    with contextlib.suppress(KeyboardInterrupt):  # what was done until then is judged
        while time.monotonic() < begun + result.options.seconds:
            faults.make()
            crew.mend()
            if time.monotonic() >= next_check:
                _check(result, database)
                if _is_enough(result, place):
                    break
                next_check = time.monotonic() + CHECK_PAUSE
            time.sleep(TICK)
    crew.stop()
    result.seconds = time.monotonic() - begun
    result.faults = faults.made
    result.problems += [Problem(Verdict.UNEXPECTED, text) for text in crew.crashes]


def _check(result: Result, database: Database) -> None:
    """Prove the database; not while it is away."""
    try:
        with database.read() as connection:
            problems = check_database(connection)
    except ImageDBError as error:
        if not result.options.faults:
            result.problems.append(Problem(Verdict.UNEXPECTED, f"db check: {error}"))
        return
    result.checks += 1
    result.problems += [Problem(Verdict.INVARIANT, text) for text in problems]


def _is_enough(result: Result, place: Place) -> bool:
    """Whether what is wrong already is what the run waits for."""
    until = result.options.until
    if until is None:
        return False
    refusals = judge_refusals(read_history(place.folder), faults=result.options.faults)
    return any(re.search(until, problem.text) for problem in (*result.problems, *refusals))


def _judge(result: Result, place: Place, database: Database) -> None:
    """All is quiet: tidy up, and compare what was told with what is there."""
    _come_to_rest(database)
    _check(result, database)
    evidence = gather(result.options, place, database)
    replay = Replay(evidence)
    result.evidence, result.history = evidence, evidence.history
    result.faults.update(evidence.history.faults)
    result.events = len(evidence.stored.events)
    result.bytes = sum_bytes(evidence, replay)
    found = [*result.problems, *judge(evidence, replay, faults=result.options.faults)]
    result.problems = list(dict.fromkeys(found))  # a proof tells again what stays broken
    if place.server:
        result.deadlocks = place.server.log.read_text(errors="replace").count("deadlock detected")


def _come_to_rest(database: Database) -> None:
    """Wait for what the server still does for clients that are dead, and sweep."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        settle(database)
        with database.look() as connection:
            waiting = connection.execute(select(candidate.c.id).limit(1)).first()
            busy = None if database.is_sqlite else connection.exec_driver_sql(_BUSY).first()
        if waiting is None and busy is None:
            return
        time.sleep(TICK)


def gather(options: Options, place: Place, database: Database) -> Evidence:
    """Read what a run has left behind."""
    population = populate(options.prefix, options.images)
    stored = read_stored(database, population, options.prefix)
    return Evidence(population, read_history(place.folder), stored)


def judge(evidence: Evidence, replay: Replay, *, faults: bool) -> Iterator[Problem]:
    """Compare what was told, what happened, and what is there."""
    yield from judge_acknowledgements(evidence)
    yield from judge_refusals(evidence.history, faults=faults)
    yield from judge_replay(evidence, replay)
    yield from judge_releases(evidence, replay)
