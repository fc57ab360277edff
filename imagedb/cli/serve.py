"""`imagedb serve`: Docker's API over the metadata, and our own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagedb.cli.context import session_of

if TYPE_CHECKING:
    from imagedb.http.settings import Limits


def serve(
    context: typer.Context,
    *,
    socket: Annotated[
        Path | None,
        typer.Option(
            "--socket",
            metavar="PATH",
            help="The Unix socket; $XDG_RUNTIME_DIR/imagedb.sock if not given.",
            show_default=False,
        ),
    ] = None,
    tcp: Annotated[
        str | None,
        typer.Option(
            "--tcp",
            metavar="127.0.0.1:PORT",
            help="A port of this machine instead; no other address is served.",
            show_default=False,
        ),
    ] = None,
    max_body: Annotated[
        int,
        typer.Option(
            "--max-body",
            envvar="IMAGEDB_MAX_BODY",
            metavar="BYTES",
            min=1,
            help="Of a request that is a document: 413 above.",
        ),
    ] = 16 << 20,
    max_archive: Annotated[
        int | None,
        typer.Option(
            "--max-archive",
            envvar="IMAGEDB_MAX_ARCHIVE",
            metavar="BYTES",
            min=1,
            help="Of an archive that is loaded: 413 above; what an import reads, if not given.",
            show_default=False,
        ),
    ] = None,
    max_requests: Annotated[
        int,
        typer.Option(
            "--max-requests",
            envvar="IMAGEDB_MAX_REQUESTS",
            metavar="NUMBER",
            min=1,
            help="Under way at once, followers of events among them: 503 above.",
        ),
    ] = 512,
    max_rate: Annotated[
        int,
        typer.Option(
            "--max-rate",
            envvar="IMAGEDB_MAX_RATE",
            metavar="NUMBER",
            min=0,
            help="Requests a second of one host: 429 above. 0 is any number.",
        ),
    ] = 0,
    max_time: Annotated[
        int,
        typer.Option(
            "--max-time",
            envvar="IMAGEDB_MAX_TIME",
            metavar="SECONDS",
            min=1,
            help="Until an answer begins: 503 then; what was begun goes on.",
        ),
    ] = 300,
) -> None:
    """Answer Docker's clients and our own API, until SIGTERM: images, and containers as records.

    It runs no containers and stores no layers. A request is of the host that X-Imagedb-Host
    names, else of --host-name. Each request is a line of JSON on standard error.
    """
    if socket and tcp:
        raise typer.BadParameter("it excludes --socket", param_hint="--tcp")
    _require_extra()
    from imagedb.http.settings import Limits
    from imagedb.sources.limits import UNPACKED_BYTES

    archive = max_archive or UNPACKED_BYTES
    _serve(context, socket, tcp, Limits(max_body, archive, max_requests, max_rate, max_time))


def _require_extra() -> None:
    """Refuse where the extra `http` is not installed."""
    from imagedb.errors import InvalidInputError

    try:
        import imagedb.http.serving  # noqa: F401 - to see whether it can be imported
    except ModuleNotFoundError as error:
        raise InvalidInputError(
            f"the service needs {error.name}: pip install 'imagedb[http]'"
        ) from None


def _serve(context: typer.Context, socket: Path | None, tcp: str | None, limits: "Limits") -> None:
    from imagedb.http import sockets
    from imagedb.http.serving import serve as answer
    from imagedb.http.settings import Settings

    session = session_of(context)
    caller = session.caller()
    settings = Settings(session.namespace, caller.host, caller.who, limits)
    opening = (
        sockets.tcp_socket(tcp) if tcp else sockets.unix_socket(socket or sockets.default_socket())
    )
    database = session.database
    with opening as listening:
        answer(database, settings, listening)
