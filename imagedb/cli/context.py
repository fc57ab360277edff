"""The session of one command: where its database is, and who asks."""

import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from imagedb.cli.output import escape

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from imagedb.database import Database
    from imagedb.records import Caller, Namespace


@dataclass(slots=True)
class Session:
    """What the options before the command say."""

    url: str | None
    namespace: str
    given_host: str | None
    """From `--host-name`; narrows the search for containers."""
    _database: "Database | None" = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The host that asks: as given, else `IMAGEDB_HOST_NAME`, else this machine."""
        return self.given_host or os.environ.get("IMAGEDB_HOST_NAME") or socket.gethostname()

    def caller(self, number: int = 1) -> "Caller":
        """Who asks; every argument of a command is a request with an ID of its own."""
        from imagedb.records import Caller

        given = os.environ.get("IMAGEDB_REQUEST_ID")
        if not given:
            return Caller(_who(), self.host)
        caller = Caller(_who(), self.host, given)
        return caller if number == 1 else caller.numbered(number)

    @property
    def database(self) -> "Database":
        """The database, opened when it is first needed."""
        if self._database is None:
            from imagedb.migrations import open_database

            listen_to_logs()
            self._database = open_database(self.url)
        return self._database

    @property
    def bare_database(self) -> "Database":
        """The database as it is, of whatever revision, neither made nor upgraded."""
        from imagedb.database import Database
        from imagedb.migrations import default_url

        if self._database is None:
            self._database = Database(self.url or default_url())
        return self._database

    @contextmanager
    def reading(self) -> Iterator[tuple["Connection", "Namespace"]]:
        """One consistent snapshot of the namespace."""
        from imagedb.namespaces import get_namespace

        with self.database.read() as connection:
            yield connection, get_namespace(connection, self.namespace)

    def close(self) -> None:
        """Give the connections back."""
        if self._database is not None:
            self._database.close()


def listen_to_logs() -> None:
    """Let the package's warnings be told on a terminal as errors are."""
    import logging

    class Escaping(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return escape(f"{record.levelname.lower()}: {record.getMessage()}")

    handler = logging.StreamHandler()
    handler.setFormatter(Escaping())
    log = logging.getLogger("imagedb")
    log.handlers = [handler]
    log.setLevel(logging.DEBUG if os.environ.get("IMAGEDB_DEBUG") else logging.WARNING)


def session_of(context: typer.Context) -> Session:
    """Give the session that the root command has made."""
    session: Session = context.obj
    return session


def _who() -> str:
    return os.environ.get("IMAGEDB_ACTOR") or f"{_user()}@{socket.gethostname()}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        return str(os.getuid())
