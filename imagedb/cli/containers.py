"""`imagedb container`: records of containers. Nothing is ever run."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Concatenate, Final

import typer

from imagedb.cli.context import session_of
from imagedb.cli.exits import run_each
from imagedb.cli.options import Format, ImageArgument, NoTrunc, Quiet, examples, new_group
from imagedb.cli.output import escape, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from imagedb.records import Caller, Mount, Namespace

    Change = Callable[Concatenate[Connection, Namespace, Caller, str, ...], str]

app = new_group("Record containers, which keep their images; nothing is run.")

_MOUNT_KEYS: Final = {
    "type": "type",
    "source": "source",
    "src": "source",
    "target": "target",
    "dst": "target",
    "destination": "target",
}

Containers = Annotated[
    list[str],
    typer.Argument(
        metavar="CONTAINER", help="Names or IDs, of --host-name if given.", show_default=False
    ),
]


@app.command(
    epilog=examples(
        "imagedb --host-name web-1 container create --name cache --label team=shop redis:7",
        "imagedb container create --name job --mount type=image,source=data:1,target=/data app:1",
    ),
)
def create(
    context: typer.Context,
    image: ImageArgument,
    *,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Its name; made up if not given.")
    ] = None,
    platform: Annotated[
        str | None,
        typer.Option("--platform", metavar="OS/ARCH[/VARIANT]", help="Run as this platform."),
    ] = None,
    mount: Annotated[
        list[str] | None,
        typer.Option(
            "--mount",
            metavar="type=image,source=IMAGE,target=PATH",
            help="Mount another image; may be repeated.",
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            "--label", "-l", metavar="KEY=VALUE", help="Beside the image's labels; may be repeated."
        ),
    ] = None,
) -> None:
    """Record a container of the host, and print its ID."""
    from imagedb.container_requests import create_container
    from imagedb.platforms import parse_platform
    from imagedb.procedures import perform
    from imagedb.records import ContainerConfig

    session = session_of(context)
    container = perform(
        session.database,
        create_container,
        session.namespace,
        session.caller(),
        image,
        name=name,
        platform=parse_platform(platform) if platform else None,
        mounts=tuple(map(parse_mount, mount or ())),
        config=ContainerConfig(labels=parse_labels(label or ())),
    )
    say(container)


def parse_mount(text: str) -> "Mount":
    """Read docker's `--mount`; only images can be mounted here.

    Raises:
        InvalidInputError: a key is missing, unknown or given twice.

    Source: docker/cli, opts/mount.go.
    """
    from imagedb.errors import InvalidInputError
    from imagedb.records import Mount

    fields: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        word = _MOUNT_KEYS.get(key.strip().lower())
        if word is None or not equals or word in fields:
            raise InvalidInputError(
                f"invalid --mount {text[:200]!r}: unexpected {part[:80]!r}; "
                "expected type=image,source=IMAGE,target=PATH",
            )
        fields[word] = value
    if fields.get("type") != "image":
        raise InvalidInputError(f"invalid --mount {text[:200]!r}: only type=image is supported")
    if not fields.get("source") or not fields.get("target"):
        raise InvalidInputError(f"invalid --mount {text[:200]!r}: source and target are required")
    return Mount(fields["source"], fields["target"])


def parse_labels(texts: Sequence[str]) -> dict[str, str]:
    """Read docker's `--label`; without a value it is empty.

    Raises:
        InvalidInputError: one has no key.

    Source: docker/cli, opts/opts.go, `ValidateLabel`.
    """
    from imagedb.errors import InvalidInputError

    labels = {}
    for text in texts:
        key, _, value = text.partition("=")
        if not key.strip():
            raise InvalidInputError(f"invalid label {text[:80]!r}: empty name")
        labels[key] = value
    return labels


@app.command(epilog=examples("imagedb container start cache"))
def start(context: typer.Context, containers: Containers) -> None:
    """Record that containers run."""
    from imagedb.container_requests import start_container

    _change_each(context, containers, start_container)


@app.command(epilog=examples("imagedb --host-name web-1 container stop cache"))
def stop(context: typer.Context, containers: Containers) -> None:
    """Record that containers have stopped."""
    from imagedb.container_requests import stop_container

    _change_each(context, containers, stop_container)


@app.command(epilog=examples("imagedb container pause cache"))
def pause(context: typer.Context, containers: Containers) -> None:
    """Record that containers are paused; they still count as running."""
    from imagedb.container_requests import pause_container

    _change_each(context, containers, pause_container)


@app.command(epilog=examples("imagedb container unpause cache"))
def unpause(context: typer.Context, containers: Containers) -> None:
    """Record that paused containers run again."""
    from imagedb.container_requests import unpause_container

    _change_each(context, containers, unpause_container)


@app.command(epilog=examples("imagedb container kill cache"))
def kill(context: typer.Context, containers: Containers) -> None:
    """Record that containers were killed."""
    from imagedb.container_requests import kill_container

    _change_each(context, containers, kill_container)


@app.command(epilog=examples("imagedb container rm --force cache job"))
def rm(
    context: typer.Context,
    containers: Containers,
    *,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Remove running ones too, as killed.")
    ] = False,
) -> None:
    """Remove the records of containers; what they used is then free of them."""
    from imagedb.container_requests import remove_container

    _change_each(context, containers, remove_container, force=force)


def _change_each(
    context: typer.Context, containers: Sequence[str], change: "Change", **flags: bool
) -> None:
    from imagedb.procedures import perform

    session = session_of(context)

    def change_one(container: str, number: int) -> None:
        perform(
            session.database,
            change,
            session.namespace,
            session.caller(number),
            container,
            host=session.given_host,
            **flags,
        )
        say(escape(container))

    run_each(containers, change_one)


@app.command(epilog=examples("imagedb container ls --all --format '{{.Names}} on {{.Host}}'"))
def ls(
    context: typer.Context,
    *,
    all_states: Annotated[bool, typer.Option("--all", "-a", help="Show stopped ones too.")] = False,
    quiet: Quiet = False,
    no_trunc: NoTrunc = False,
    format: Format = None,  # noqa: A002 - docker's word
) -> None:
    """List running containers, the newest first; of --host-name only, if given."""
    from imagedb.cli.container_rows import CONTAINERS, container_row
    from imagedb.containers import list_containers

    session = session_of(context)
    with session.reading() as (connection, namespace):
        found = list_containers(connection, namespace, all=all_states, host=session.given_host)
    now = datetime.now(UTC)
    rows = [container_row(container, no_trunc=no_trunc, now=now) for container in found]
    say(*CONTAINERS.lines(rows, format, quiet=quiet))


@app.command(
    epilog=examples(
        "docker ps -aq | xargs docker inspect | imagedb container report --complete -",
    ),
)
def report(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="What docker inspect printed; - is stdin.", show_default=False
        ),
    ],
    *,
    complete: Annotated[
        bool, typer.Option("--complete", help="These are all the host has: forget the others.")
    ] = False,
) -> None:
    """Record what a host says of its containers; the same report again changes nothing."""
    from imagedb.procedures import perform
    from imagedb.reports import report_containers
    from imagedb.sources.containers import parse_report

    session = session_of(context)
    text = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    counts = perform(
        session.database,
        report_containers,
        session.namespace,
        session.caller(),
        parse_report(text),
        complete=complete,
    )
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    say(f"{escape(session.host)}: {told}")
