"""`imagedb serve`: Docker's API over the metadata."""

from pathlib import Path
from typing import Annotated

import typer

from imagedb.cli.context import session_of


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
) -> None:
    """Answer Docker's clients, until SIGTERM: images, and containers as records.

    It runs no containers and stores no layers. A request is of the host that X-Imagedb-Host
    names, else of --host-name.
    """
    from imagedb.errors import InvalidInputError

    try:
        from imagedb.http import serving
        from imagedb.http.settings import Settings
    except ModuleNotFoundError as error:
        raise InvalidInputError(
            f"the service needs {error.name}: pip install 'imagedb[http]'"
        ) from None
    if socket and tcp:
        raise typer.BadParameter("it excludes --socket", param_hint="--tcp")
    session = session_of(context)
    caller = session.caller()
    settings = Settings(session.namespace, caller.host, caller.who)
    opening = (
        serving.tcp_socket(tcp) if tcp else serving.unix_socket(socket or serving.default_socket())
    )
    database = session.database
    with opening as listening:
        serving.serve(database, settings, listening)
