"""An upgrade that does not reach its end has done nothing."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagedb import migrations
from imagedb.errors import BusyError, InconsistentDatabaseError
from imagedb.schema import REVISION
from tests.migrations.actor import COMMIT, at_place, playing
from tests.migrations.bare import Bare
from tests.migrations.conftest import Make

PLACES = [
    pytest.param("CREATE TABLE container ", id="first table"),
    pytest.param("CREATE TABLE request", id="last table"),
    pytest.param(COMMIT, id="commit"),
]


class Interruption(BaseException):
    """Something that nobody expects, and nobody handles."""


@pytest.mark.parametrize("place", PLACES)
def test_exception_in_a_revision_changes_nothing(make: Make, place: str) -> None:
    """Revisions, tables and rows are as they were, and the next attempt succeeds."""
    bare = make("0003")
    before = bare.everything()

    with at_place(place, _interrupt), pytest.raises(Interruption):
        migrations.upgrade(bare.url)
    after = bare.everything()

    assert after == before
    assert migrations.upgrade(bare.url) == ("0003", REVISION)


@pytest.mark.parametrize("place", PLACES[1:])
def test_process_killed_in_an_upgrade_changes_nothing(make: Make, place: str) -> None:
    """Nor does it leave a lock behind."""
    bare = make("0003")
    before = bare.everything()

    with playing(bare, "upgrade", die=place) as killed:
        assert (killed.says(), killed.ends()) == ("", -signal.SIGKILL)
    after = bare.everything()

    assert after == before
    assert migrations.upgrade(bare.url) == ("0003", REVISION)


def test_process_killed_before_it_made_the_tables_is_followed_by_another(empty: Bare) -> None:
    """What is left of a first use that was killed is as good as nothing."""
    with playing(empty, "upgrade", die="CREATE TABLE layer") as killed:
        assert killed.ends() == -signal.SIGKILL
    left = empty.revision(), empty.tables()

    assert left == (None, set())
    assert migrations.upgrade(empty.url) == (None, REVISION)


def test_upgrade_of_an_inconsistent_database_is_undone(make: Make) -> None:
    """What comes out of an upgrade passes `db check`, or does not come out."""
    bare = make("0004")
    bare.run("UPDATE image SET content_size = 1 WHERE id = 1")
    before = bare.everything()

    with pytest.raises(InconsistentDatabaseError, match="1 problem found") as refused:
        migrations.upgrade(bare.url)

    assert len(refused.value.problems) == 1
    assert bare.everything() == before


def test_upgrade_of_a_database_in_use_gives_up(
    older: Bare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who goes on writing makes the upgrade busy, and it changes nothing."""
    monkeypatch.setattr("imagedb.database.SQLITE_WAIT_MS", 10)
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT_MS", 50)
    monkeypatch.setattr(migrations, "MIGRATION_LOCK_TIMEOUT", "50ms")
    before = older.everything()

    with older.writing("UPDATE namespace SET name = name"), pytest.raises(BusyError):
        migrations.upgrade(older.url)

    assert older.everything() == before
    if not older.conninfo:
        assert list(older.path.parent.glob("*before*")) == []


@pytest.mark.parametrize("make", ["sqlite"], indirect=True)
def test_upgrade_waits_for_a_writer(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks again, for as long as imagedb waits for a lock."""
    monkeypatch.setattr("imagedb.database.SQLITE_WAIT_MS", 10)
    bare = make("0004")

    with ThreadPoolExecutor(1) as pool:
        with bare.writing("UPDATE namespace SET name = name"):
            upgrading = pool.submit(migrations.upgrade, bare.url)
            time.sleep(0.5)
            assert not upgrading.done()
        moved = upgrading.result()

    assert moved == ("0004", REVISION)


def _interrupt() -> None:
    raise Interruption
