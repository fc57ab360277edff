"""Processes on one database, with faults: short runs of `benchmarks.stress`, and how they fail."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.stress.client import Client
from benchmarks.stress.evidence import Evidence, Stored
from benchmarks.stress.faults import CRASH, CUT, KILL
from benchmarks.stress.history import Failure, History
from benchmarks.stress.options import FOREIGN_KEYS, IMAGE_LOCK, RACES, Life, Options
from benchmarks.stress.places import place_of
from benchmarks.stress.problems import Verdict
from benchmarks.stress.refusals import cause_of, judge_refusals
from benchmarks.stress.replay import Replay
from benchmarks.stress.running import gather, judge, run
from imagedb.database import Database
from imagedb.procedures import settle
from tests.conftest import TEMPLATE
from tests.servers import PostgresServer

BROKEN = "points at no image|I1: its names|I2: container"
FOREIGN_KEY = "violates foreign key|I2: container"
QUIET = ("import", "tag", "delete", "create", "remove", "claim", "done", "hold", "lift")
ACTIONS = ("load", "tag", "untag", "delete", "create", "destroy")


@pytest.mark.parametrize(
    ("engine", "processes", "seconds"), [("postgresql", 6, 10), ("sqlite", 4, 8)]
)
def test_stress_with_faults_keeps_all_promises(
    engine: str,
    processes: int,
    seconds: float,
    record_property: Callable[[str, object], None],
) -> None:
    """What clients were told is what happened, whatever befalls them and the server."""
    result = run(Options(engine, processes, seconds, faults=True, in_memory=True))
    assert [problem.text for problem in result.problems] == []
    assert result.checks > 1
    assert result.faults[KILL] > 1
    assert engine == "sqlite" or min(result.faults[CRASH], result.faults[CUT]) > 0
    assert result.bytes.left == result.bytes.released
    done = sum(map(len, result.history.took.values()))
    record_property(f"operations under stress on {engine}", done)


CONTROLS = [((IMAGE_LOCK,), FOREIGN_KEY), ((IMAGE_LOCK, FOREIGN_KEYS), BROKEN)]


@pytest.mark.parametrize(("without", "expected"), CONTROLS)
def test_stress_without_safeguards_fails(
    postgresql: PostgresServer, without: tuple[str, ...], expected: str
) -> None:
    """The control: what keeps the promises is not that the load is mild."""
    options = Options("postgresql", 5, 10, load=RACES, images=4, pauses=0.6)
    told: list[str] = []
    for seed in range(1, 6):
        with _database_on(postgresql, f"control_{seed}") as url:
            asked = replace(options, seed=seed, without=without, url=url, until=expected)
            told += [problem.text for problem in run(asked).problems]
        if any(re.search(expected, text) for text in told):
            return
    pytest.fail(f"nobody noticed: {told}")


@contextmanager
def _database_on(server: PostgresServer, name: str) -> Iterator[str]:
    server.create_database(name, template=TEMPLATE)
    try:
        yield server.url(name)
    finally:
        server.drop_database(name)


# ── the judges, one by one: what is there is changed ─────────────────────────────────────────


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """What one client has left behind, all alone: some of everything, and nothing wrong."""
    options = Options("sqlite", 1, 0, images=6, only=QUIET, pauses=0, in_memory=True)
    with place_of(options) as place:
        for life, (only, times) in enumerate(((QUIET, 600), (("delete",), 20)), start=1):
            options = replace(options, only=only)
            Client(Life(options, place.url, place.folder, 0, life)).play(at_most=times)
        database = Database(place.url)
        settle(database)
        found = gather(options, place, database)
        database.close()
    assert list(judge(found, Replay(found), faults=False)) == []
    return found


def _row(**values: object) -> Any:  # noqa: ANN401 - stands for a row
    return SimpleNamespace(**values)


def _without(action: str, rows: Sequence[Any]) -> list[Any]:
    """All events but the last one of an action."""
    [*others, _] = [row.id for row in rows if row.action == action]
    return [row for row in rows if row.action != action or row.id in others]


TAMPERED: dict[str, tuple[Verdict, Callable[[Stored], dict[str, Any]]]] = {
    "an answer is lost": (
        Verdict.ACKNOWLEDGEMENT,
        lambda stored: {"answers": dict(list(stored.answers.items())[:-1])},
    ),
    "an answer is another": (
        Verdict.ACKNOWLEDGEMENT,
        lambda stored: {"answers": dict.fromkeys(stored.answers, ("tag_image", 1))},
    ),
    **{
        f"a {action} has no event": (
            Verdict.ACKNOWLEDGEMENT,
            partial(lambda action, stored: {"events": _without(action, stored.events)}, action),
        )
        for action in ACTIONS
    },
    "an event is doubled": (
        Verdict.ACKNOWLEDGEMENT,
        lambda stored: {"events": [*stored.events, stored.events[-1]]},
    ),
    "nobody asked": (
        Verdict.ACKNOWLEDGEMENT,
        lambda stored: {"answers": stored.answers | {"stress-1/9.9/9": ("tag_image", None)}},
    ),
    "an image is gone": (Verdict.INVARIANT, lambda stored: {"images": stored.images[1:]}),
    "a manifest is gone": (Verdict.INVARIANT, lambda stored: {"manifests": stored.manifests[1:]}),
    "an index is gone": (Verdict.INVARIANT, lambda stored: {"indexes": stored.indexes[1:]}),
    "a name is gone": (Verdict.INVARIANT, lambda stored: {"references": stored.references[1:]}),
    "a hold is gone": (Verdict.INVARIANT, lambda stored: {"holds": stored.holds[1:]}),
    "a container is gone": (
        Verdict.INVARIANT,
        lambda stored: {"containers": stored.containers[1:]},
    ),
    "a release is lost": (Verdict.RELEASE, lambda stored: {"releases": stored.releases[1:]}),
    "a release is doubled": (
        Verdict.RELEASE,
        lambda stored: {"releases": [*stored.releases, *stored.releases[:1]]},
    ),
    "a release is of what is used": (
        Verdict.RELEASE,
        lambda stored: {"releases": [*stored.releases, _used(stored)]},
    ),
    "a release is done twice": (
        Verdict.RELEASE,
        lambda stored: {"done": [*stored.done, stored.done[0]]},
    ),
    "a release is done and nobody was told": (
        Verdict.RELEASE,
        lambda stored: {"done": stored.done[1:]},
    ),
    "a release was made of what was used": (
        Verdict.RELEASE,
        lambda stored: {"done": [_too_early(stored), *stored.done[1:]]},
    ),
    "a candidate is left": (Verdict.RELEASE, lambda _: {"candidates": 1}),
}


def _used(stored: Stored) -> Any:  # noqa: ANN401
    row = stored.manifests[0]
    return _row(namespace=row.namespace, kind="manifest", digest=row.manifest, size=1)


def _too_early(stored: Stored) -> Any:  # noqa: ANN401
    row = stored.done[0]
    return _row(**{**row._mapping, "released_at": row.released_at - timedelta(hours=1)})


@pytest.mark.parametrize("change", TAMPERED)
def test_stress_tells_that(evidence: Evidence, change: str) -> None:
    """Each judge finds what it is there for."""
    verdict, tamper = TAMPERED[change]
    changed = replace(evidence, stored=replace(evidence.stored, **tamper(evidence.stored)))
    assert verdict in {p.verdict for p in judge(changed, Replay(changed), faults=False)}


@pytest.mark.parametrize(
    ("error", "text", "verdict"),
    [
        ("BusyError", "the database is busy (deadlock detected); try again", Verdict.DEADLOCK),
        ("BusyError", "the database is busy (database is locked)", Verdict.LOCKED),
        ("DatabaseError", "the database refused: out of cheese", Verdict.DRIVER),
        ("KeyError", "'x'", Verdict.DRIVER),
        ("InvalidInputError", "what was given cannot be stored", Verdict.UNEXPECTED),
        ("DatabaseError", "cannot use the database: connection refused", Verdict.UNEXPECTED),
    ],
)
def test_stress_tells_of_an_error(
    evidence: Evidence, error: str, text: str, verdict: Verdict
) -> None:
    """Errors that no client should have been told of."""
    failure = Failure(error, text, ours=error != "KeyError")
    history = replace(evidence.history, failures=[("delete", failure, 0.0)])
    changed = replace(evidence, history=history)
    assert {p.verdict for p in judge(changed, Replay(changed), faults=False)} == {verdict}


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("the disk of the database is full (SQLITE_FULL)", []),
        ("cannot use the database: connection refused", [Verdict.UNEXPECTED]),
    ],
)
def test_stress_with_faults_excuses_only_a_full_disk(text: str, verdicts: list[Verdict]) -> None:
    """Of a server that is away a client is told that it may try again."""
    history = History(failures=[("delete", Failure("DatabaseError", text, ours=True), 0.0)])
    assert [problem.verdict for problem in judge_refusals(history, faults=True)] == verdicts


@pytest.mark.parametrize(
    ("error", "text", "cause"),
    [
        ("BusyError", "the database cannot be reached (Connection refused)", "server stopped"),
        ("BusyError", "the connection to the database was lost (closed)", "connection cut"),
        ("OutcomeUnknownError", "committing request r1 and its outcome is unknown", "commit lost"),
        ("DatabaseError", "cannot use the database: cheese", "unknown"),
        ("ImageNotFoundError", "No such image: app", None),
    ],
)
def test_stress_tells_which_fault_refused(error: str, text: str, cause: str | None) -> None:
    """What was asked wrongly is no fault's."""
    assert cause_of(Failure(error, text, ours=True)) == cause


INDEX = "an index"
FROM_UNDER = {
    f"event 3 (delete of {INDEX}, ): I2: container c ran on it": (
        ("image", "load", INDEX),
        ("container", "create", "c"),
        ("container", "start", "c"),
        ("image", "delete", INDEX),
    ),
    f"event 2 (delete of {INDEX}, ): it was held (7)": (
        ("image", "load", INDEX),
        ("hold", "create", INDEX),
        ("image", "delete", INDEX),
    ),
    f"event 3 (delete of {INDEX}, ): I1: its names ['app:1'] stayed": (
        ("image", "load", INDEX),
        ("image", "tag", INDEX),
        ("hold", "create", "x"),
        ("image", "delete", INDEX),
    ),
    "event 1 (tag of app:1, ): the image was not there": (
        ("image", "delete", INDEX),
        ("image", "tag", INDEX),
    ),
}


@pytest.mark.parametrize("told", FROM_UNDER)
def test_stress_tells_of_events_that_do_not_fit(evidence: Evidence, told: str) -> None:
    """What was used, held or named was deleted; what was not there was named."""
    stored = evidence.stored
    first = stored.events[0]
    events = [
        _row(
            id=number,
            namespace=first.namespace,
            host="elsewhere",
            type=kind,
            action=action,
            actor_id=actor,
            name="app:1" if action == "tag" else actor,
            attributes={"hold": "7"} if kind == "hold" else {},
            time=first.time,
            request_id="",
        )
        for number, (kind, action, actor) in enumerate(FROM_UNDER[told])
    ]
    uses: dict[str, dict[str, Any]] = {"c": {"image": INDEX, "platform": None, "mounts": []}}
    changed = replace(
        evidence,
        history=replace(evidence.history, uses=uses),
        stored=replace(stored, events=events),
    )
    assert told in [problem.text for problem in Replay(changed).problems]
