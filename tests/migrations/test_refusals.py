"""Databases that are not used: what is said, and that nothing is changed."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from imagedb import migrations
from imagedb.errors import BusyError, DatabaseError, ImageDBError, SchemaMismatchError
from imagedb.schema import REVISION
from tests.migrations.bare import Bare
from tests.migrations.conftest import Make
from tests.servers import PostgresServer

NEWER = "0999"


# ── PostgreSQL: never changed on its own ──────────────────────────────────────────────────────


@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("revision", "state"),
    [
        pytest.param(None, "holds no imagedb tables yet", id="empty"),
        pytest.param("0004", "is of the older revision 0004", id="older"),
    ],
)
def test_postgresql_of_no_or_an_older_revision_is_refused(
    make: Make, revision: str | None, state: str
) -> None:
    """The message ends with the command that mends it."""
    bare = make(revision)
    before = bare.everything()

    with pytest.raises(SchemaMismatchError) as refused:
        migrations.open_database(bare.url)

    assert bare.everything() == before
    assert str(refused.value) == (
        f"the database {_shown(bare)} {state}, this imagedb needs {REVISION}: "
        f"run `imagedb --url {_shown(bare)} db upgrade`"
    )


def test_newer_database_is_refused(make: Make) -> None:
    """Neither used nor upgraded: only the imagedb that knows it can do that."""
    bare = make(REVISION)
    bare.run("UPDATE alembic_version SET version_num = ?", [NEWER])
    expected = (
        f"the database {_shown(bare)} is of revision {NEWER}, this imagedb knows only up to "
        f"{REVISION}: use the imagedb that brought it there, or a newer one"
    )

    _require_refusal(bare, SchemaMismatchError, expected)


def test_database_of_another_project_s_migrations_is_refused(make: Make) -> None:
    """A revision that is no number of ours is somebody else's, whatever the tables are."""
    bare = make(REVISION)
    bare.run("UPDATE alembic_version SET version_num = ?", ["ae1027a6acf"])
    expected = (
        f"the database {_shown(bare)} is not imagedb's (it has revision 'ae1027a6acf'): "
        "choose another with --url or IMAGEDB_URL"
    )

    _require_refusal(bare, SchemaMismatchError, expected)


def test_password_is_not_told(make: Make) -> None:
    """A refusal names the database without the password that was in its URL."""
    bare = make(REVISION)
    bare.run("UPDATE alembic_version SET version_num = ?", [NEWER])
    url = bare.url.replace("imagedb@", "imagedb:s3cret@")

    with pytest.raises(SchemaMismatchError) as refused:
        migrations.open_database(url)

    assert "s3cret" not in str(refused.value)


def test_postgresql_that_is_down_is_told_in_one_line(tmp_path: Path) -> None:
    """The driver's reason stands behind ours."""
    url = f"postgresql://imagedb@/images?host={tmp_path}"

    for attempt in (migrations.open_database, migrations.upgrade):
        with pytest.raises(BusyError, match=r"^the database cannot be reached \(conn") as refused:
            attempt(url)
        assert "\n" not in str(refused.value)


def test_postgresql_without_the_database_is_told(postgresql: PostgresServer) -> None:
    """A database that nobody has created is named."""
    with pytest.raises(DatabaseError, match=r'database "nowhere" does not exist'):
        migrations.open_database(postgresql.url("nowhere"))


@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_tables_in_the_way_are_told_and_kept(make: Make) -> None:
    """A database shared with a table of one of our names is not upgraded, nor half upgraded."""
    bare = make()
    bare.run("CREATE TABLE image (theirs text)")
    before = bare.everything()

    with pytest.raises(DatabaseError, match='relation "image" already exists'):
        migrations.upgrade(bare.url)

    assert bare.everything() == before


# ── SQLite: foreign files stay as they are, byte for byte ─────────────────────────────────────


@pytest.mark.parametrize(
    "table", ["photos", "namespace", "alembic_version_old", "host"], ids=lambda name: name
)
def test_foreign_sqlite_database_is_refused(tmp_path: Path, table: str) -> None:
    """Tables without our revision are somebody else's, even where one has a name of ours."""
    bare = Bare(f"sqlite:///{tmp_path / 'foreign.db'}")
    bare.run(f"CREATE TABLE {table} (id INTEGER)")
    expected = (
        f"the database {bare.url} is not imagedb's (it has the table {table!r}): "
        "choose another with --url or IMAGEDB_URL"
    )

    _require_untouched(bare, SchemaMismatchError, expected)


def test_foreign_sqlite_database_with_numbered_revisions_is_refused(tmp_path: Path) -> None:
    """A revision that could be ours is not, without our first table."""
    bare = Bare(f"sqlite:///{tmp_path / 'foreign.db'}")
    bare.run("CREATE TABLE alembic_version (version_num TEXT)")
    bare.run("INSERT INTO alembic_version VALUES ('0003')")
    bare.run("CREATE TABLE photos (id INTEGER)")
    expected = (
        f"the database {bare.url} is not imagedb's (it has the table 'photos'): "
        "choose another with --url or IMAGEDB_URL"
    )

    _require_untouched(bare, SchemaMismatchError, expected)


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """It is named, with SQLite's reason."""
    bare = Bare(f"sqlite:///{tmp_path / 'notes.txt'}")
    bare.path.write_text("Buy milk. " * 1_000)
    expected = f"cannot use the database {bare.path}: file is not a database"

    _require_untouched(bare, DatabaseError, expected)


def test_folder_is_refused(tmp_path: Path) -> None:
    """A folder is no file."""
    folder = tmp_path / "folder"
    folder.mkdir()

    for attempt in (migrations.open_database, migrations.upgrade):
        with pytest.raises(DatabaseError) as refused:
            attempt(f"sqlite:///{folder}")
        assert (
            str(refused.value) == f"cannot use the database {folder}: unable to open database file"
        )
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("make", ["sqlite"], indirect=True)
def test_unreadable_file_is_refused(make: Make) -> None:
    """A file of somebody else is named."""
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    bare = make(REVISION)
    bare.path.chmod(0)

    with pytest.raises(DatabaseError, match=f"^cannot use the database {bare.path}: "):
        migrations.open_database(bare.url)


def test_write_ahead_mode_of_a_foreign_file_is_kept(tmp_path: Path) -> None:
    """A look does not change how a file is journaled."""
    bare = Bare(f"sqlite:///{tmp_path / 'foreign.db'}")
    bare.run("CREATE TABLE photos (id INTEGER)")
    with pytest.raises(SchemaMismatchError):
        migrations.open_database(bare.url)
    with closing(sqlite3.connect(bare.path)) as file:
        mode = file.execute("PRAGMA journal_mode").fetchone()

    assert mode == ("delete",)


def _require_refusal(bare: Bare, error: type[ImageDBError], expected: str) -> None:
    before = bare.everything()
    for attempt in (migrations.open_database, migrations.upgrade):
        with pytest.raises(error) as refused:
            attempt(bare.url)
        assert str(refused.value) == expected
    assert bare.everything() == before


def _require_untouched(bare: Bare, error: type[ImageDBError], expected: str) -> None:
    before = bare.path.read_bytes()
    for attempt in (migrations.open_database, migrations.upgrade):
        with pytest.raises(error) as refused:
            attempt(bare.url)
        assert str(refused.value) == expected
    assert bare.path.read_bytes() == before
    assert [path.name for path in bare.path.parent.iterdir()] == [bare.path.name]


def _shown(bare: Bare) -> str:
    url, mark, folder = bare.url.partition("?host=")
    return url.replace("+psycopg", "") + mark + quote_plus(folder)
