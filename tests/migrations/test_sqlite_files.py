"""The file of a SQLite database: who may read it, and the copy made before it is upgraded."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imagedb import migrations
from imagedb.checking import check_database
from imagedb.database import Database
from imagedb.errors import DatabaseError
from imagedb.schema import REVISION
from tests.migrations.bare import Bare
from tests.migrations.conftest import Make

COPY = f".before-{REVISION}"

pytestmark = pytest.mark.parametrize("make", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _open_mask() -> Iterator[None]:
    """The user's umask would let everybody read and write."""
    mask = os.umask(0)
    yield
    os.umask(mask)


def test_first_use_makes_a_file_for_its_owner_alone(make: Make, tmp_path: Path) -> None:
    """So are the folders that had to be made, and the files that SQLite puts beside it."""
    bare = Bare(f"sqlite:///{tmp_path / 'new' / 'folder' / 'imagedb.db'}")

    database = migrations.open_database(bare.url)
    with database.look() as connection:
        check_database(connection)
        modes = {path.name: _mode(path) for path in bare.path.parent.iterdir()}
    database.close()

    assert modes == dict.fromkeys(["imagedb.db", "imagedb.db-shm", "imagedb.db-wal"], 0o600)
    assert [_mode(bare.path.parent), _mode(bare.path.parent.parent)] == [0o700, 0o700]
    assert _names(bare) == ["imagedb.db"]


def test_first_use_without_a_url_is_in_the_user_s_data(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absolute `XDG_DATA_HOME` counts, a relative one does not, and `IMAGEDB_URL` beats both."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    migrations.open_database().close()
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    in_home = migrations.default_url().database
    monkeypatch.setenv("IMAGEDB_URL", "sqlite:///chosen.db")
    chosen = migrations.default_url().database

    assert (tmp_path / "data" / "imagedb" / "imagedb.db").exists()
    assert in_home == str(tmp_path / "home" / ".local" / "share" / "imagedb" / "imagedb.db")
    assert chosen == "chosen.db"


def test_empty_file_becomes_a_database(make: Make) -> None:
    """A file without a byte is nobody's; it is not copied, and keeps its mode."""
    bare = make()
    bare.path.touch(mode=0o640)

    migrations.open_database(bare.url).close()

    assert (bare.revision(), _mode(bare.path), _names(bare)) == (REVISION, 0o640, [bare.path.name])


def test_older_file_is_copied_and_upgraded_by_use(make: Make) -> None:
    """The copy is what was there, for its owner alone; the database is consistent and of use."""
    bare = make("0004")
    before = bare.everything()

    database = migrations.open_database(bare.url)
    with database.read() as connection:
        problems = check_database(connection)
    database.close()
    copy = _beside(bare, COPY)

    assert copy.everything() == before
    assert _mode(copy.path) == 0o600
    assert (bare.revision(), problems) == (REVISION, ())
    assert {table: bare.contents()[table] for table in before[1]} == before[1]
    assert _names(bare) == [bare.path.name, copy.path.name]


def test_copy_holds_what_is_in_the_log_only(make: Make) -> None:
    """A copy of the bare file would miss what another process has not checkpointed."""
    bare = make("0004")
    other = Database(bare.url)
    with other.look() as connection:
        connection.exec_driver_sql("UPDATE namespace SET name = 'moved' WHERE id = 2")
        migrations.upgrade(bare.url)
    other.close()

    assert _beside(bare, COPY).run("SELECT name FROM namespace WHERE id = 2") == [("moved",)]


def test_copy_that_is_there_is_not_overwritten(make: Make) -> None:
    """The next copy gets a number."""
    bare = make("0004")
    _beside(bare, COPY).path.write_text("precious")
    _beside(bare, f"{COPY}.1").path.symlink_to("nowhere")

    migrations.upgrade(bare.url)

    assert _beside(bare, COPY).path.read_text() == "precious"
    assert _beside(bare, f"{COPY}.1").path.readlink() == Path("nowhere")
    assert not bare.path.with_name("nowhere").exists()
    assert _beside(bare, f"{COPY}.2").revision() == "0004"


def test_copy_that_cannot_be_made_stops_the_upgrade(make: Make) -> None:
    """Without a copy there is no upgrade."""
    bare = make("0004")
    before = bare.everything()
    for number in ["", *(f".{number}" for number in range(1, 1_000))]:
        _beside(bare, f"{COPY}{number}").path.touch()

    with pytest.raises(DatabaseError, match=rf"^too many copies named {bare.path}{COPY}: "):
        migrations.upgrade(bare.url)

    assert bare.everything() == before


def test_relative_url_is_of_the_current_folder(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is the copy."""
    bare = make("0004")
    monkeypatch.chdir(tmp_path)

    migrations.open_database(f"sqlite:///{bare.path.name}").close()

    assert _names(bare) == [bare.path.name, f"{bare.path.name}{COPY}"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("file/imagedb.db", "cannot make the database {}/file/imagedb.db: Not a directory"),
        ("file/new/imagedb.db", "cannot make the folder {}/file/new: Not a directory"),
    ],
)
def test_place_that_cannot_be_is_told(
    make: Make, tmp_path: Path, place: str, expected: str
) -> None:
    """What cannot be made is named."""
    (tmp_path / "file").touch()

    with pytest.raises(DatabaseError) as refused:
        migrations.open_database(f"sqlite:///{tmp_path}/{place}")

    assert str(refused.value) == expected.format(tmp_path)


def test_copy_for_which_there_is_no_room_stops_the_upgrade(
    make: Make, limited_files: Callable[[int], None]
) -> None:
    """Nothing is left of the copy, and the database is as it was."""
    bare = make("0004")
    before = bare.everything()
    limited_files(bare.path.stat().st_size // 2)

    with pytest.raises(DatabaseError) as refused:
        migrations.upgrade(bare.url)
    limited_files(resource.RLIM_INFINITY)

    assert str(refused.value).startswith(f"cannot copy the database to {bare.path}{COPY}: ")
    assert str(refused.value).endswith("; it was not upgraded")
    assert bare.everything() == before
    assert _names(bare) == [bare.path.name]


@pytest.fixture
def limited_files() -> Iterator[Callable[[int], None]]:
    """Let no file grow beyond so many bytes, which to a program is a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, handler)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _names(bare: Bare) -> list[str]:
    return sorted(path.name for path in bare.path.parent.iterdir())


def _beside(bare: Bare, suffix: str) -> Bare:
    return Bare(f"{bare.url}{suffix}")
