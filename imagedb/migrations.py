"""Bring a database to this imagedb's revision, and refuse one of another.

============  ================================================================================
SQLite        made by first use; an older file is copied, then upgraded; a newer one is refused
PostgreSQL    never changed on its own: `imagedb db upgrade` does it, and until then it is refused
============  ================================================================================

`begin` holds the rules of safety. `migrations/env.py` calls it, so they hold for `imagedb db
upgrade` and for `alembic upgrade` alike. Alembic costs 0.3 s and is imported only to migrate.

Two processes that find the same old or missing SQLite file: a lock on its folder, which leaves
nothing behind, makes the second wait; it then finds the work done.
"""

import contextlib
import fcntl
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, RootTransaction, Text, column, exc, func, select, table, true
from sqlalchemy.engine import URL

from imagedb.database import LOCK_TIMEOUT_MS, Database, parse_url, translated, translated_errors
from imagedb.errors import BusyError, DatabaseError, SchemaMismatchError
from imagedb.schema import REVISION

if TYPE_CHECKING:
    from alembic.config import Config

ADVISORY_LOCK: Final = 0x696D61676564
"""Taken on PostgreSQL while migrating: the bytes of `imaged`."""
MIGRATION_LOCK_TIMEOUT: Final = "10s"
"""How long a change of a table waits; all who come after it wait behind it."""
MAX_COPIES: Final = 1_000

_VERSION: Final = select(column("version_num", Text)).select_from(table("alembic_version"))
_OURS: Final = re.compile(r"\d{4}", re.ASCII)
_UNDEFINED_TABLE: Final = "42P01"


def open_database(url: str | URL | None = None) -> Database:
    """Open a database of this revision; the default is `IMAGEDB_URL`, else the user's own file.

    Raises:
        SchemaMismatchError: it is of another revision, or not imagedb's; the message says the way.
        DatabaseError: it cannot be read.
    """
    parsed = default_url() if url is None else parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        if _find_sqlite_revision(parsed) != REVISION:
            upgrade(parsed)
        return Database(parsed)
    database = Database(parsed)
    try:
        _require_revision(current(database), parsed)
    except BaseException:
        database.close()
        raise
    return database


def default_url() -> URL:
    """Take `IMAGEDB_URL`, else `imagedb/imagedb.db` in the user's data folder.

    Source: XDG Base Directory Specification (a relative `XDG_DATA_HOME` is ignored).
    """
    if url := os.environ.get("IMAGEDB_URL"):
        return parse_url(url)
    data = Path(os.environ.get("XDG_DATA_HOME") or "")
    data = data if data.is_absolute() else Path.home() / ".local" / "share"
    return parse_url(URL.create("sqlite", database=str(data / "imagedb" / "imagedb.db")))


def upgrade(url: str | URL) -> tuple[str | None, str]:
    """Bring a database to this revision, all or nothing; gives the revisions before and after.

    Raises:
        SchemaMismatchError: it is newer than this imagedb, or not imagedb's.
        BusyError: somebody else migrates it, or keeps using it.
    """
    from alembic import command

    parsed = parse_url(url)
    config = _config(parsed)
    command.upgrade(config, "head")
    return config.attributes["revision_before"], REVISION


def current(database: Database) -> str | None:
    """Read the revision a database is of; None where imagedb never was."""
    with database.look() as connection:
        try:
            return connection.execute(_VERSION).scalar()
        except exc.DBAPIError as error:
            if _is_undefined_table(error):
                return None
            raise


def check_revision(database: Database) -> str:
    """Read the revision of a database that can be worked with.

    Raises:
        SchemaMismatchError: it is of another one.
    """
    found = current(database)
    _require_revision(found, database.url)
    return found or ""


def head() -> str:
    """Find the newest revision that there is a script for."""
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory.from_config(_config(None)).get_current_head()
    return newest or ""


@contextlib.contextmanager
def begin(url: URL, *, goal: str | None) -> Iterator[tuple[Connection, str | None]]:
    """Open the one transaction to migrate in, and tell the revision it starts from.

    `goal` is the revision to reach, None if nothing is to change; a SQLite file that holds another
    is copied first, to `NAME.before-GOAL`.

    Raises:
        SchemaMismatchError: the database is newer than this imagedb, or not imagedb's.
    """
    is_sqlite = url.get_backend_name() == "sqlite"
    door = _begin_sqlite(url, goal=goal) if is_sqlite else _begin_postgresql(url)
    with translated_errors(), door as (connection, revision):
        yield connection, revision


@contextlib.contextmanager
def _begin_postgresql(url: URL) -> Iterator[tuple[Connection, str | None]]:
    database = Database(url)
    try:
        _require_known(current(database), url)
        with database.engine.begin() as connection:
            _set_locally(connection, "statement_timeout", "0")
            connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            _set_locally(connection, "lock_timeout", MIGRATION_LOCK_TIMEOUT)
            yield connection, current(database)
    finally:
        database.close()


def _set_locally(connection: Connection, setting: str, value: str) -> None:
    connection.execute(select(func.set_config(setting, value, true())))


@contextlib.contextmanager
def _begin_sqlite(url: URL, *, goal: str | None) -> Iterator[tuple[Connection, str | None]]:
    """Foreign keys are off while tables are rebuilt, for a rebuild would delete all child rows."""
    path = _path(url)
    _make_folder(path.parent)
    with _locked_folder(path.parent):
        revision = _find_sqlite_revision(url)
        _make_file(path)
        database = Database(url)
        try:
            with database.engine.connect() as connection:
                _sqlite(connection).execute("PRAGMA foreign_keys = OFF")  # no-op in a transaction
                with _begin_when_free(connection):
                    if goal is not None and revision not in {None, goal}:
                        _copy(path, f"{path.name}.before-{goal}")
                    yield connection, revision
                    _check_foreign_keys(connection)
        finally:
            database.close()


def _begin_when_free(connection: Connection) -> RootTransaction:
    """Begin to write; the engine gives up after a moment, so that it can be interrupted."""
    deadline = time.monotonic() + LOCK_TIMEOUT_MS / 1000
    while True:
        try:
            return connection.begin()
        except exc.OperationalError as error:
            if not isinstance(translated(error), BusyError) or time.monotonic() > deadline:
                raise


def _require_revision(found: str | None, url: URL) -> None:
    """Refuse what only an operator may change."""
    if found == REVISION:
        return
    _require_known(found, url)
    state = "holds no imagedb tables yet" if found is None else f"is of the older revision {found}"
    raise SchemaMismatchError(
        f"the database {_shown(url)} {state}, this imagedb needs {REVISION}: "
        f"run `imagedb --url {_shown(url)} db upgrade`"
    )


def _require_known(found: str | None, url: URL) -> None:
    """Refuse what this imagedb cannot bring to its own revision."""
    if found is None or (_OURS.fullmatch(found) and found <= REVISION):
        return
    if _OURS.fullmatch(found):
        raise SchemaMismatchError(
            f"the database {_shown(url)} is of revision {found}, this imagedb knows only up to "
            f"{REVISION}: use the imagedb that brought it there, or a newer one"
        )
    raise _not_ours(url, f"revision {found[:40]!r}")


def _not_ours(url: URL, what: str) -> SchemaMismatchError:
    return SchemaMismatchError(
        f"the database {_shown(url)} is not imagedb's (it has {what}): "
        "choose another with --url or IMAGEDB_URL"
    )


def _shown(url: URL) -> str:
    """As a user would type it, without driver and password."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


def _is_undefined_table(error: exc.DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state == _UNDEFINED_TABLE or "no such table" in str(error.orig)


# ── a SQLite file ─────────────────────────────────────────────────────────────────────────────
# Looked at through the bare driver: a connection of `Database` would switch a file to WAL, and
# make a missing one, before we know whose it is.


def _find_sqlite_revision(url: URL) -> str | None:
    """Read the revision of a file that is, or may become, imagedb's; None if missing or empty.

    Raises:
        SchemaMismatchError: it is newer than this imagedb, or not imagedb's.
        DatabaseError: it is no database, or cannot be read.
    """
    path = _path(url)
    try:
        if not path.exists():
            return None
        with contextlib.closing(_connect(path)) as connection:
            tables = {name for (name,) in connection.execute(_TABLES)}
            found = connection.execute(_SQLITE_VERSION).fetchone() if _AT in tables else None
    except (sqlite3.Error, OSError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise DatabaseError(f"cannot use the database {path}: {said}") from error
    revision = str(found[0]) if found else None
    _require_known(revision, url)
    others = tables - {_AT}
    if others and not (revision and "namespace" in others):
        raise _not_ours(url, f"the table {min(others)!r}")
    return revision


_AT: Final = "alembic_version"
_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_SQLITE_VERSION: Final = "SELECT version_num FROM alembic_version"


def _path(url: URL) -> Path:
    return Path(url.database or "").absolute()


def _connect(path: Path) -> sqlite3.Connection:
    """Connect without making a file."""
    return sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=LOCK_TIMEOUT_MS / 1000, isolation_level=None
    )


def _sqlite(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(driver)
    return driver


def _make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for its owner alone."""
    try:
        for missing in reversed([at for at in (folder, *folder.parents) if not at.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"cannot make the folder {folder}: {error.strerror}") from error


def _make_file(path: Path) -> None:
    """Make an empty file for its owner alone; SQLite gives its mode to those beside it."""
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise DatabaseError(f"cannot make the database {path}: {error.strerror}") from error


@contextlib.contextmanager
def _locked_folder(folder: Path) -> Iterator[None]:
    """Hold a folder, so that one process at a time makes or migrates what is in it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise DatabaseError(f"cannot use the folder {folder}: {error.strerror}") from error
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    deadline = time.monotonic() + LOCK_TIMEOUT_MS / 1000
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise BusyError(f"another process migrates a database in {folder}") from None
            time.sleep(0.02)
        except OSError as error:
            raise DatabaseError(f"cannot lock the folder {folder}: {error.strerror}") from error
        else:
            return


def _copy(path: Path, name: str) -> None:
    """Copy a database to a free name beside it, or leave nothing there."""
    target = _free(path.with_name(name))
    _make_file(target)
    try:
        with (
            contextlib.closing(_connect(path)) as source,
            contextlib.closing(_connect(target)) as copy,
        ):
            source.backup(copy)
    except sqlite3.Error as error:
        target.unlink()
        raise DatabaseError(
            f"cannot copy the database to {target}: {error}; it was not upgraded"
        ) from error


def _free(path: Path) -> Path:
    """Find the first of `PATH`, `PATH.1`, `PATH.2` ... that nothing stands at."""
    for number in range(MAX_COPIES):
        target = path.with_name(f"{path.name}.{number}") if number else path
        if not os.path.lexists(target):
            return target
    raise DatabaseError(f"too many copies named {path}: remove some")


def _check_foreign_keys(connection: Connection) -> None:
    broken = _sqlite(connection).execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        table_, row, parent, _ = broken[0]
        raise DatabaseError(
            f"the migration would leave {len(broken)} rows without the row they point at, the "
            f"first in {table_} ({row}) to {parent}; nothing was changed"
        )


# ── Alembic ───────────────────────────────────────────────────────────────────────────────────


def _config(url: URL | None) -> "Config":
    from alembic.config import Config

    package = Path(__file__).parent
    shipped = package / "_migrations"
    scripts = shipped if shipped.is_dir() else package.parent / "migrations"
    config = Config(attributes={"url": url})
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
