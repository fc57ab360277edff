"""Retention: what is old is removed, whole batches at a time, and who comes too late is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event, update

from imagedb import retention
from imagedb.checking import check_database
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.errors import ClaimNotFoundError, EventsGoneError, InvalidInputError
from imagedb.events import NewEvent, add_events, give_positions, list_events
from imagedb.namespaces import get_namespace
from imagedb.procedures import perform
from imagedb.records import Caller, Untagged
from imagedb.retention import prune_answers, prune_done_releases, prune_events
from imagedb.schema import event as event_table
from imagedb.schema import request
from imagedb.sql import retention as sql
from tests.builders.images import an_image
from tests.builders.tables import counts, dump
from tests.builders.workers import claim, finish
from tests.builders.world import World

ALL = timedelta(0)
"""Older than now."""
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def world(database: Database) -> World:
    """Six things happened: positions 1 to 6."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    for number in range(2, 7):
        world.tag("app:1", f"app:{number}")
    assert positions(world) == [1, 2, 3, 4, 5, 6]
    return world


def positions(world: World) -> list[int]:
    """Of the events that are there."""
    with world.database.read() as connection:
        return [event.position for event in list_events(connection, None)]


def grow_old(database: Database, *positions: int) -> None:
    """Let some events have happened long ago."""
    statement = (
        update(event_table).where(event_table.c.position.in_(positions)).values(time=LONG_AGO)
    )
    database.write(lambda connection: connection.execute(statement))


def cut(database: Database) -> int | None:
    """Up to where events may be gone."""
    with database.look() as connection:
        return connection.execute(sql.cut).scalar()


# ── events ────────────────────────────────────────────────────────────────────────────────────


def test_old_events_are_removed(world: World) -> None:
    """By a moment, or by an age; the others stay as they were."""
    kept = positions(world)[3:]
    grow_old(world.database, 1, 2, 3)

    assert prune_events(world.database, before=LONG_AGO) == 0
    assert prune_events(world.database) == 3
    assert prune_events(world.database) == 0

    assert positions(world) == kept
    assert prune_events(world.database, before=LATER) == 3
    assert positions(world) == []


def test_events_are_removed_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest first; what interrupts it leaves whole batches, and the cut fits them."""
    monkeypatch.setattr(retention, "RETENTION_BATCH", 2)
    grow_old(world.database, 5, 6)

    with interrupted_at(world.database, 2), pytest.raises(KeyboardInterrupt):
        prune_events(world.database, before=ALL)
    assert positions(world) == [1, 2, 3, 4]
    assert cut(world.database) == 6

    assert prune_events(world.database, before=ALL) == 4
    assert positions(world) == []


@contextmanager
def interrupted_at(database: Database, batch: int) -> Iterator[None]:
    """Interrupt who removes events when the batch is removed and not committed."""
    seen = 0

    def interrupt(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal seen
        seen += statement.startswith("DELETE FROM event ")
        if seen == batch:
            raise KeyboardInterrupt

    event.listen(database.engine, "after_cursor_execute", interrupt)
    try:
        yield
    finally:
        event.remove(database.engine, "after_cursor_execute", interrupt)


def test_follower_below_the_cut_is_told(world: World) -> None:
    """It would miss events. Who has seen all that are gone goes on; the list has what is left."""
    grow_old(world.database, 1, 2, 4)
    prune_events(world.database)

    for after in (0, 3):
        with pytest.raises(
            EventsGoneError, match=f"after position {after}: events up to position 4 were removed"
        ) as told:
            world.events(after=after)
        assert (told.value.after, told.value.cut) == (after, 4)
    assert [event.position for event in world.events(after=4)] == [5, 6]
    assert positions(world) == [3, 5, 6]


def test_follower_is_told_by_the_reading_that_missed_events(world: World) -> None:
    """Events are removed between its reading and the look at the cut: better told than not."""
    other = Database(world.database.url)

    def prune(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT max(event_cut"):
            prune_events(other, before=ALL)

    event.listen(world.database.engine, "before_cursor_execute", prune)
    try:
        with world.database.look() as connection, pytest.raises(EventsGoneError):
            list_events(connection, None, after=2)
    finally:
        event.remove(world.database.engine, "before_cursor_execute", prune)
        other.close()


def test_cut_is_never_lowered(world: World) -> None:
    """Whoever removes older events later."""
    grow_old(world.database, 4)
    prune_events(world.database)
    grow_old(world.database, 1)
    prune_events(world.database)
    assert cut(world.database) == 4

    grow_old(world.database, 5)
    prune_events(world.database)
    assert cut(world.database) == 5
    assert counts(world.database)["event_cut"] == 1


def test_positions_go_on_behind_what_was_removed(world: World) -> None:
    """Nobody gets a position that a follower has seen of something else."""
    prune_events(world.database, before=ALL)
    world.tag("app:1", "app:7")
    world.tag("app:1", "app:8")

    assert [event.position for event in world.events(after=6)] == [7, 8]
    assert prune_events(world.database, before=ALL) == 2
    world.tag("app:1", "app:9")
    assert positions(world) == [9]


def test_event_without_position_is_kept(world: World) -> None:
    """Nobody has seen it yet. On SQLite there is none."""

    def write(connection: Connection) -> None:
        namespace = get_namespace(connection, "default")
        add_events(connection, namespace, world.caller(), [NewEvent("host", "create", "h", "h")])

    world.database.write(write)
    removed = prune_events(world.database, before=ALL)
    give_positions(world.database)

    assert removed == (7 if world.database.is_sqlite else 6)
    assert positions(world) == ([] if world.database.is_sqlite else [7])


def test_age_beyond_the_calendar_is_refused(database: Database) -> None:
    """In words, not by an overflow."""
    with pytest.raises(InvalidInputError, match="nothing is 999999 days old"):
        prune_events(database, before=timedelta(days=999_999))


def test_check_misses_only_events_that_may_be_gone(world: World) -> None:
    """An answer tells more than the events that are left: so it does of what is old."""
    world.delete("app:6")
    prune_events(world.database, before=ALL)
    world.delete("app:5")
    with world.database.read() as connection:
        assert check_database(connection) == ()


@pytest.mark.inconsistent
def test_check_finds_an_event_that_is_gone_without_a_cut(world: World) -> None:
    """What is younger than the last cut has its event."""
    prune_events(world.database, before=ALL)
    world.delete("app:6")
    world.database.write(lambda connection: connection.execute(event_table.delete()))

    with world.database.read() as connection:
        (problem,) = check_database(connection)
    assert "was told 1 times of the untag of app:6, which has 0 events" in problem


# ── answers, releases that are done ───────────────────────────────────────────────────────────


def let_time_pass(database: Database) -> None:
    """Make all that was answered, and happened, older by 8 days."""
    database.write(partial(_make_older, old=datetime.now(UTC) - timedelta(days=8)))


def _make_older(connection: Connection, old: datetime) -> None:
    connection.execute(update(request).values(answered_at=old))
    connection.execute(update(event_table).values(time=old))


def test_request_whose_answer_is_forgotten_is_done_again(world: World) -> None:
    """Until then it is answered."""
    caller = Caller("tester@test", "web-1", request_id="r1")

    def untag() -> Any:  # noqa: ANN401 - an answer
        return perform(world.database, delete_image, "default", caller, "app:6")

    def has_name() -> bool:
        return "app:6" in next(iter(world.images().values())).names

    untag()
    world.tag("app:1", "app:6")
    assert prune_answers(world.database) == 0
    assert untag() == (Untagged("app:6"),)
    assert has_name()

    let_time_pass(world.database)
    assert prune_answers(world.database) == 8
    assert counts(world.database)["request"] == 0
    assert untag() == (Untagged("app:6"),)
    assert not has_name()


def test_answers_are_kept_for_an_hour(database: Database) -> None:
    """Who lost a connection in COMMIT comes back for them."""
    for before in (ALL, timedelta(minutes=59), datetime.now(UTC)):
        with pytest.raises(InvalidInputError, match="kept for an hour at least"):
            prune_answers(database, before=before)


def test_claim_that_holds_something_is_not_forgotten(world: World) -> None:
    """Its worker may still say that it is done, and is told what was withdrawn."""
    built = an_image("xy")
    world.add(built, "gone:1")
    world.delete("gone:1")
    some, rest = claim(world, limit=2), claim(world)
    let_time_pass(world.database)
    prune_answers(world.database)

    assert finish(world, some).done == some.releases
    world.add(built, "gone:1")
    let_time_pass(world.database)
    prune_answers(world.database)
    with pytest.raises(ClaimNotFoundError):
        finish(world, rest)


def test_done_releases_are_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are open are not."""
    monkeypatch.setattr(retention, "RETENTION_BATCH", 2)
    for name in ("xy", "xz"):
        world.add(an_image(name), "gone:1")
        world.delete("gone:1")
    finish(world, claim(world, limit=5))
    still_open = world.releases()

    assert prune_done_releases(world.database) == 0
    assert counts(world.database)["done_release"] == 5
    assert prune_done_releases(world.database, before=ALL) == 5
    assert counts(world.database)["done_release"] == 0
    assert world.releases() == still_open


def test_rows_of_what_is_forgotten_go_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process left them; afterwards nothing would tell that their bytes are gone."""
    kept = counts(world.database)["manifest"]
    world.add(an_image("xy"), "gone:1")
    world.delete("gone:1")
    with monkeypatch.context() as patch:
        patch.setattr("imagedb.procedures.collect_done", lambda *_: 0)
        finish(world, claim(world))
    assert counts(world.database)["manifest"] > kept

    prune_done_releases(world.database, before=ALL)

    assert counts(world.database)["manifest"] == kept


def test_done_releases_whose_rows_wait_for_others_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layer's row stays while its manifest's release is open; no check takes it for a leak."""
    monkeypatch.setattr(retention, "RETENTION_BATCH", 1)
    world.add(an_image("xy"), "gone:1")
    world.delete("gone:1")
    parts = [finish(world, claim(world, kind=kind)).done for kind in ("blob", "config")]
    waiting = sum(map(len, parts))
    world.add(an_image("z"), "late:1")
    world.delete("late:1")
    late = claim(world, kind="manifest", limit=5)
    finish(world, late, late.releases[-1].digest)  # and its layer's and config's are open
    assert len(late.releases) == 2

    assert prune_done_releases(world.database, before=ALL) == 1  # behind those that are kept
    assert counts(world.database)["done_release"] == waiting
    with world.database.read() as connection:
        assert check_database(connection) == ()

    finish(world, late)
    assert prune_done_releases(world.database, before=ALL) == waiting + 1
    assert counts(world.database)["done_release"] == 0


def test_done_releases_of_what_is_stored_again_are_forgotten(world: World) -> None:
    """An image needs the row anew: when it goes, there is a release of that."""
    for _ in range(2):
        world.add(an_image("xy"), "gone:1")
        world.delete("gone:1")
        finish(world, claim(world))
    world.add(an_image("xy"), "gone:1")

    before = counts(world.database)["done_release"]
    assert prune_done_releases(world.database, before=ALL) == before > 0
    world.delete("gone:1")


def test_prunes_of_nothing_change_nothing(database: Database) -> None:
    """In an empty database, too."""
    before = dump(database)
    for prune in (prune_events, prune_answers, prune_done_releases):
        assert prune(database) == 0
    assert dump(database) == before
