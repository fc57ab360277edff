"""The doors: what they commit, take back, repeat, and say when they cannot."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, exc

from imagedb import database as doors
from imagedb.database import Database, StartOver, parse_url, translated
from imagedb.errors import (
    BusyError,
    DatabaseError,
    InvalidDatabaseURLError,
)
from imagedb.namespaces import add_namespace, list_namespaces
from tests import servers

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FAST = 50
"""Milliseconds to wait for a lock where a test is about giving up."""


def _names(database: Database) -> list[str]:
    with database.look() as connection:
        return [namespace.name for namespace in list_namespaces(connection)]


# ── write ─────────────────────────────────────────────────────────────────────────────────────


def test_write_commits_and_returns(database: Database) -> None:
    """What the function returns comes back once it is safe."""
    assert database.write(lambda c: add_namespace(c, "lab").name) == "lab"
    assert _names(database) == ["default", "lab"]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_write_takes_everything_back_when_its_function_fails(
    database: Database, error: type[BaseException]
) -> None:
    """Nothing of it is seen, and what it raised comes out as it is."""

    def fail(connection: Connection) -> None:
        add_namespace(connection, "lab")
        raise error

    with pytest.raises(error):
        database.write(fail)
    assert _names(database) == ["default"]


def test_write_starts_over_without_a_trace(database: Database) -> None:
    """The first attempt is taken back, the second one counts."""
    attempts = []

    def start_over(connection: Connection) -> str:
        attempts.append(len(_all(connection)))
        add_namespace(connection, f"lab{len(attempts)}")
        if len(attempts) == 1:
            raise StartOver
        return "done"

    assert database.write(start_over) == "done"
    assert attempts == [1, 1]
    assert _names(database) == ["default", "lab2"]


def test_write_gives_up_in_the_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is always overtaken is told to try again, and nothing has changed."""
    monkeypatch.setattr(doors, "MAX_ATTEMPTS", 3)
    attempts = []

    def start_over(connection: Connection) -> None:
        attempts.append(add_namespace(connection, "lab"))
        raise StartOver

    with pytest.raises(BusyError, match=r"3 attempts.*try again"):
        database.write(start_over)
    assert len(attempts) == 3
    assert _names(database) == ["default"]


@POSTGRESQL
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_write_repeats_what_the_server_took_back(database: Database, state: str) -> None:
    """A serialization failure and a deadlock change nothing, and may not come again."""
    attempts = []

    def run(connection: Connection) -> None:
        add_namespace(connection, "lab")
        attempts.append(state)
        if len(attempts) == 1:
            _fail(connection, state)

    database.write(run)
    assert len(attempts) == 2
    assert _names(database) == ["default", "lab"]


@POSTGRESQL
@pytest.mark.parametrize("state", ["23503", "XX000", "08006"])
def test_write_repeats_nothing_else(database: Database, state: str) -> None:
    """Any other refusal is told at once, in our own words."""
    attempts = []

    def run(connection: Connection) -> None:
        attempts.append(state)
        _fail(connection, state)

    with pytest.raises(DatabaseError, match="the database refused: on purpose"):
        database.write(run)
    assert len(attempts) == 1


@POSTGRESQL
@pytest.mark.parametrize("setting", ["LOCK_TIMEOUT_MS", "STATEMENT_TIMEOUT_MS"])
def test_write_tells_that_a_lock_was_not_given(
    database: Database, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """It waits for a while, not for ever, and does not queue up again."""
    monkeypatch.setattr(doors, setting, FAST)
    attempts = []

    def wait(connection: Connection) -> None:
        attempts.append(setting)
        connection.exec_driver_sql("LOCK TABLE namespace")

    with _another(database.url) as other, database.engine.begin() as holder:
        holder.exec_driver_sql("LOCK TABLE namespace")
        with pytest.raises(BusyError, match=r"nothing was changed, try again"):
            other.write(wait)
    assert len(attempts) == 1


@SQLITE
def test_write_tells_that_another_one_writes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One writer at a time: the others wait, and give up in the end."""
    monkeypatch.setattr(doors, "LOCK_TIMEOUT_MS", FAST)
    monkeypatch.setattr(doors, "SQLITE_WAIT_MS", FAST)

    with _another(database.url) as other, database.engine.begin():
        with pytest.raises(BusyError):
            other.write(lambda c: add_namespace(c, "lab"))
        assert _names(other) == ["default"]


@SQLITE
def test_write_gets_its_turn_when_the_other_one_ends(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not begin has changed nothing, and begins again."""
    monkeypatch.setattr(doors, "SQLITE_WAIT_MS", 1)
    refused = threading.Event()

    with _another(database.url) as other:
        event.listen(other.engine, "handle_error", lambda _: refused.set())
        holder = sqlite3.connect(str(database.url.database), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        writer = threading.Thread(
            target=lambda: other.write(lambda c: add_namespace(c, "lab")), daemon=True
        )
        writer.start()
        assert refused.wait(10)
        holder.execute("COMMIT")
        holder.close()
        writer.join(10)
    assert _names(database) == ["default", "lab"]


# ── read and look ─────────────────────────────────────────────────────────────────────────────


def test_read_sees_one_moment(database: Database) -> None:
    """What others commit in between is not seen, by however many statements."""
    with database.read() as connection:
        before = _all(connection)
        database.write(lambda c: add_namespace(c, "lab"))
        assert _all(connection) == before
    assert _names(database) == ["default", "lab"]


def test_look_sees_each_commit(database: Database) -> None:
    """A connection without a transaction sees the newest state, statement by statement."""
    with database.look() as connection:
        before = _all(connection)
        database.write(lambda c: add_namespace(c, "lab"))
        assert _all(connection) == [*before, "lab"]


@POSTGRESQL
def test_read_cannot_write(database: Database) -> None:
    """The server refuses, so that no reader changes anything by mistake."""
    with (
        pytest.raises(DatabaseError, match="read-only transaction"),
        database.read() as connection,
    ):
        add_namespace(connection, "lab")
    assert _names(database) == ["default"]


@pytest.mark.parametrize("door", ["read", "look"])
def test_no_error_of_the_driver_leaves(database: Database, door: str) -> None:
    """Not even that of nonsense."""
    with pytest.raises(DatabaseError, match="nonsense"), getattr(database, door)() as connection:
        connection.exec_driver_sql("SELECT nonsense")


def test_database_that_is_not_there_is_told() -> None:
    """It may be back soon: with where it was looked for, and what to do."""
    for where in ("/nowhere", "127.0.0.1"):
        database = Database(f"postgresql://nobody@/nothing?host={where}&port=1")
        told = rf"^the database cannot be reached \(.*{where}.*\); nothing was changed: see"
        with pytest.raises(BusyError, match=told):
            database.write(_all)


def test_server_that_is_stopped_is_told_until_it_is_back() -> None:
    """First the connection is lost, then none is made; what was refused is done afterwards."""

    def ask(connection: Connection) -> int:
        return int(connection.exec_driver_sql("SELECT 1").scalar_one())

    with (
        servers.postgres_server(settings=servers.FAST, parent=servers.memory_folder()) as server,
        _another(server.url("postgres")) as database,
    ):
        assert database.write(ask) == 1
        server.crash()
        for told in ("was lost|is busy", "cannot be reached"):
            with pytest.raises(BusyError, match=told):
                database.write(ask)
        server.start()
        assert database.write(ask) == 1


# ── engines ───────────────────────────────────────────────────────────────────────────────────


@SQLITE
def test_sqlite_is_safe(database: Database) -> None:
    """Foreign keys hold, readers do not wait, and a commit survives a power cut."""
    with database.look() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("foreign_keys", "journal_mode", "synchronous")
        ]
    assert settings == [1, "wal", 2]


@POSTGRESQL
@pytest.mark.parametrize(("option", "is_prepared"), [("on", True), ("off", False)])
def test_statements_are_prepared_unless_a_pooler_forbids_it(
    database: Database, option: str, *, is_prepared: bool
) -> None:
    """`?prepare=off` is for poolers that hand a session around."""
    url = database.url.update_query_dict({"prepare": option})
    with _another(url) as other, other.look() as connection:
        _all(connection)
        count = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements")
        assert (count.scalar_one() > 0) is is_prepared


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root@localhost/images",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite://host/images.db",
        "sqlite:///images.db?mode=ro",
        "sqlite:///a%00b.db",
        "postgresql://host:port/images",
        "images.db",
        "",
    ],
)
def test_url_of_no_engine_of_ours_is_refused(url: str) -> None:
    """With an example of what is expected."""
    with pytest.raises(InvalidDatabaseURLError, match="expected sqlite:///PATH or postgresql://"):
        parse_url(url)


def test_file_that_cannot_be_written_is_told_with_the_remedy(tmp_path: Path) -> None:
    """WAL writes beside the file also for who only reads."""
    path = tmp_path / "images.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE image (id)")
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection,
        pytest.raises(sqlite3.OperationalError) as caught,
    ):
        connection.execute("INSERT INTO image VALUES (1)")
    told = translated(exc.OperationalError("INSERT", {}, caught.value))

    assert isinstance(told, DatabaseError)
    assert str(told).endswith("make the file and its folder writable, or list a copy")


@SQLITE
def test_full_disk_is_told_with_the_remedy(database: Database) -> None:
    """Nothing has changed; what was refused is done once there is room again."""

    def add(connection: Connection) -> None:
        for number in range(100):
            add_namespace(connection, f"{number:064}")

    @event.listens_for(database.engine, "begin", insert=True)
    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    pages = 1  # below what the file has: it may not grow
    with pytest.raises(DatabaseError, match=r"^the disk .* is full .* nothing was changed: make"):
        database.write(add)
    assert _names(database) == ["default"]
    pages = 100_000
    database.write(add)
    assert len(_names(database)) == 101


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("FATAL:  the database system is starting up", BusyError),
        ("FATAL:  the database system is not yet accepting connections", BusyError),
        ("FATAL:  sorry, too many clients already", BusyError),
        ("FATAL:  remaining connection slots are reserved for roles", BusyError),
        ('FATAL:  database "images" does not exist', DatabaseError),
        ("Connection refused", BusyError),
        ("No such file or directory", BusyError),
        ("server closed the connection unexpectedly", BusyError),
        ('FATAL:  password authentication failed for user "somebody"', DatabaseError),
        ("could not translate host name to address: Name or service not known", DatabaseError),
    ],
)
def test_server_that_takes_no_connection_now_is_busy(said: str, told: type[Exception]) -> None:
    """It gives no SQLSTATE to go by; what does not pass by itself is refused."""
    driver = psycopg.OperationalError(f"connection failed: connection to server failed: {said}")
    error = translated(exc.OperationalError(None, None, driver))
    assert type(error) is told
    assert said in str(error)


def test_password_is_not_shown() -> None:
    """A database can be printed."""
    assert "secret" not in repr(Database("postgresql://somebody:secret@localhost/images"))


# ── what the tests above do by themselves ─────────────────────────────────────────────────────


def _all(connection: Connection) -> list[str]:
    return [namespace.name for namespace in list_namespaces(connection)]


def _fail(connection: Connection, state: str) -> None:
    connection.exec_driver_sql(
        f"DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{state}'; END $$"
    )


@contextmanager
def _another(url: Any) -> Iterator[Database]:  # noqa: ANN401 - text or URL
    database = Database(url)
    try:
        yield database
    finally:
        database.close()
