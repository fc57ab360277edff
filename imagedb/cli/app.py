"""The command `imagedb`: its options, its groups, and docker's short names."""

from collections.abc import Callable
from typing import Annotated, Final

import typer

from imagedb.cli import (
    containers,
    content,
    database,
    events,
    holds,
    hosts,
    images,
    imports,
    lineage,
    removing,
    serve,
)
from imagedb.cli.context import Session
from imagedb.cli.exits import GuardedGroup
from imagedb.cli.options import examples


def _show_version(*, value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"imagedb {version('imagedb')}")
        raise typer.Exit


app = typer.Typer(
    cls=GuardedGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback(
    epilog=examples(
        "imagedb image import ./base.oci ./app.tar.gz",
        "imagedb image ls",
        "imagedb --url postgresql://db.example.com/images image rm app:1",
    ),
)
def root(
    context: typer.Context,
    *,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar="IMAGEDB_URL",
            metavar="URL",
            help="sqlite:///PATH or postgresql://USER@HOST/DATABASE; the user's own file if unset.",
        ),
    ] = None,
    namespace: Annotated[
        str,
        typer.Option(
            "--namespace", envvar="IMAGEDB_NAMESPACE", metavar="NAME", help="The store to work in."
        ),
    ] = "default",
    host_name: Annotated[
        str | None,
        typer.Option(
            "--host-name",
            metavar="NAME",
            help="The host that asks; else IMAGEDB_HOST_NAME, else this machine's name.",
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Keep the metadata of container images: what they are built on, who uses them, what may go.

    docker's short names work too: images, rmi, tag, history, load, ps.
    """
    session = Session(url, namespace, host_name)
    context.obj = session
    context.call_on_close(session.close)


images.app.add_typer(lineage.app)
images.app.add_typer(imports.app)
images.app.add_typer(removing.app)
app.add_typer(images.app, name="image")
app.add_typer(containers.app, name="container")
app.add_typer(content.app, name="content")
app.add_typer(holds.app, name="hold")
app.add_typer(hosts.host_app, name="host")
app.add_typer(hosts.namespace_app, name="namespace")
app.add_typer(database.app, name="db")
app.add_typer(events.app, name="events")
app.command(epilog=examples("imagedb --host-name web-1 serve --socket ./imagedb.sock"))(serve.serve)

_DOCKERS_SHORT_NAMES: Final[dict[str, Callable[..., None]]] = {
    "images --digests": images.ls,
    "rmi app:1": removing.rm,
    "tag app:1 app:stable": images.tag,
    "history app:1": images.history,
    "load --input app.tar": imports.load,
    "ps --all": containers.ls,
}
for _example, _command in _DOCKERS_SHORT_NAMES.items():
    _name = _example.partition(" ")[0]
    app.command(_name, hidden=True, epilog=examples(f"imagedb {_example}"))(_command)
