"""The servers that the other tests run on."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.servers import FAST, ServerError, debian_binaries, postgres_server

_ORDER = "SELECT array_agg(x ORDER BY x) FROM unnest(ARRAY['B', 'a', 'b', 'A']) AS x"
_UNTIL_KILLED = """
import os, signal
from tests.servers import FAST, postgres_server
with postgres_server(settings=FAST) as server:
    print(server.folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_server_started_listens_on_its_socket_alone() -> None:
    """A server is the wanted version, copies databases, and is not on the network."""
    with postgres_server(settings=FAST) as server:
        server.create_database("first")
        server.create_database("second", template="first")
        with psycopg.connect(server.conninfo("second")) as connection:
            listening = connection.execute("SHOW listen_addresses").fetchone()
            fsync = connection.execute("SHOW fsync").fetchone()

        assert server.version.startswith("18.")
        assert listening == ("",)
        assert fsync == ("off",)
    assert not server.folder.exists()


def test_server_collation_differs_from_byte_order() -> None:
    """Where the collation is not C, text is not ordered by its bytes."""
    with postgres_server(settings=FAST) as server:
        if server.collation == "libc C.UTF-8":
            pytest.skip("no ICU in this build of PostgreSQL and no localedef to make a locale")
        with psycopg.connect(server.conninfo("postgres")) as connection:
            row = connection.execute(_ORDER).fetchone()

    assert row == (["a", "A", "b", "B"],)


def test_second_version_started() -> None:
    """The binaries of a Debian package serve as well."""
    binaries = debian_binaries(15)
    if binaries is None:
        pytest.skip("PostgreSQL 15 is not installed")
    with postgres_server(binaries=binaries, settings=FAST) as server:
        assert server.version.startswith("15.")


def test_server_crashed_keeps_what_was_committed() -> None:
    """A durable server that stops at once cuts its sessions, and recovers when it starts."""
    with postgres_server() as server, psycopg.connect(server.conninfo("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        connection.commit()
        connection.execute("INSERT INTO kept VALUES (2)")
        server.crash()
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
        server.start()
        with psycopg.connect(server.conninfo("postgres")) as again:
            assert again.execute("SELECT number FROM kept").fetchall() == [(1,)]


def test_server_bad_setting_tells_the_log() -> None:
    """A server that does not start says why and leaves nothing behind."""
    with (
        pytest.raises(ServerError, match='invalid value for parameter "shared_buffers"'),
        postgres_server(settings={"shared_buffers": "nonsense"}),
    ):
        pass


def test_server_of_a_killed_process_is_removed() -> None:
    """A killed test run leaves neither a server nor its folder."""
    done = subprocess.run(
        [sys.executable, "-c", _UNTIL_KILLED],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    folder = Path(done.stdout.strip())
    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert folder.name.startswith("imagedb-pg-")
    assert not folder.exists()
