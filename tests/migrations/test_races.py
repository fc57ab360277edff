"""Two processes that find the same database missing or old."""

import time
from contextlib import ExitStack

from imagedb.schema import REVISION
from tests.migrations.actor import PATIENCE, playing
from tests.migrations.bare import Bare
from tests.migrations.conftest import Make

_WAITING = """
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def test_two_make_a_database_one_creates_and_the_other_waits(make: Make) -> None:
    """The second gets nowhere before the first has committed, then both have what they wanted."""
    bare, expected = make(), make(REVISION)
    action = "upgrade" if bare.conninfo else "open"
    with (
        playing(bare, action, hold="CREATE TABLE layer") as first,
        ExitStack() as others,
    ):
        assert first.says() == "holds"
        second = others.enter_context(playing(bare, action))
        if bare.conninfo:
            _until_somebody_waits(bare)
        else:
            assert second.says() == "waits"
        tables = bare.tables()
        first.goes_on()
        said = first.says(), second.says(), first.ends(), second.ends()

    assert tables == set()
    assert said == ("done", "done", 0, 0)
    assert (bare.revision(), bare.catalog()) == (REVISION, expected.catalog())
    assert bare.run("SELECT count(*) FROM namespace") == [(1,)]


def test_two_upgrade_a_database_it_is_done_once(older: Bare) -> None:
    """The second finds the work done; on SQLite there is one copy."""
    contents = older.contents()
    with (
        playing(older, "upgrade", hold="CREATE TABLE request") as first,
        ExitStack() as others,
    ):
        assert first.says() == "holds"
        second = others.enter_context(playing(older, "upgrade"))
        if older.conninfo:
            _until_somebody_waits(older)
        else:
            assert second.says() == "waits"
        first.goes_on()
        said = first.says(), second.says(), first.ends(), second.ends()

    assert said == ("done", "done", 0, 0)
    assert {table: older.contents()[table] for table in contents} == contents
    if not older.conninfo:
        copies = [path.name for path in older.path.parent.glob("*before*")]
        assert copies == [f"{older.path.name}.before-{REVISION}"]


def test_three_use_a_new_database_at_once(empty: Bare) -> None:
    """Without any order, all succeed."""
    action = "upgrade" if empty.conninfo else "open"
    with ExitStack() as at_end:
        actors = [at_end.enter_context(playing(empty, action)) for _ in range(3)]
        codes = [actor.ends() for actor in actors]

    assert codes == [0, 0, 0]
    assert empty.run("SELECT name FROM namespace") == [("default",)]


def _until_somebody_waits(bare: Bare) -> None:
    deadline = time.monotonic() + PATIENCE
    while not bare.run(_WAITING):
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.02)
