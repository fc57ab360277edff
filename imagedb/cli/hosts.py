"""`imagedb host` and `imagedb namespace`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imagedb.cli.context import session_of
from imagedb.cli.exits import run_each
from imagedb.cli.listing import Listing, Row
from imagedb.cli.options import Format, PlatformName, Quiet, examples, new_group
from imagedb.cli.output import escape, say
from imagedb.cli.units import format_age
from imagedb.moments import parse_duration

if TYPE_CHECKING:
    from imagedb.records import Host

host_app = new_group("Hosts: the machines whose containers are recorded.")
namespace_app = new_group("Namespaces: stores of images that see one another.")

HOSTS: Final = Listing(
    headers={
        "Name": "NAME",
        "Platform": "PLATFORM",
        "State": "STATE",
        "Containers": "CONTAINERS",
        "Running": "RUNNING",
        "LastSeen": "LAST SEEN",
        "LastSeenAt": "LAST SEEN AT",
        "Lease": "LEASE",
        "StaleAt": "STALE AT",
        "CreatedSince": "CREATED",
    },
    columns=("Name", "Platform", "State", "Containers", "Running", "LastSeen", "CreatedSince"),
    identity="Name",
)
NAMESPACES: Final = Listing(
    headers={"Name": "NAME", "CreatedSince": "CREATED"},
    columns=("Name", "CreatedSince"),
    identity="Name",
)


@host_app.command("add", epilog=examples("imagedb host add web-1 --platform linux/arm64"))
def add_host_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    platform: PlatformName = None,
) -> None:
    """Make a host known before its first container; its platform chooses what it is shown."""
    from imagedb.hosts import add_host
    from imagedb.platforms import parse_platform
    from imagedb.procedures import perform

    session = session_of(context)
    wanted = parse_platform(platform) if platform else None
    caller = session.caller()
    say(
        escape(
            perform(session.database, add_host, session.namespace, caller, name, platform=wanted)
        )
    )


@host_app.command("ls", epilog=examples("imagedb host ls"))
def list_hosts_(
    context: typer.Context,
    *,
    quiet: Quiet = False,
    format: Format = None,  # noqa: A002 - docker's word
) -> None:
    """List the hosts of the namespace: stale are those whose lease has run out.

    Of one that never gave a lease, nobody can know: its state is unknown.
    """
    from imagedb.hosts import list_hosts

    with session_of(context).reading() as (connection, namespace):
        found = list_hosts(connection, namespace)
    now = datetime.now(UTC)
    say(*HOSTS.lines([host_row(host, now=now) for host in found], format, quiet=quiet))


def host_row(host: "Host", *, now: datetime) -> Row:
    """Give the row of a host."""
    from imagedb.times import format_utc

    return {
        "Name": host.name,
        "Platform": str(host.platform or ""),
        "State": host.state,
        "Containers": str(host.containers),
        "Running": str(host.running),
        "LastSeen": format_age(host.seen, now=now),
        "LastSeenAt": format_utc(host.seen) if host.seen else "",
        "Lease": f"{host.lease}s" if host.lease else "",
        "StaleAt": format_utc(host.stale_at) if host.stale_at else "",
        "CreatedSince": format_age(host.created, now=now),
    }


@host_app.command("rm", epilog=examples("imagedb host rm --force web-3"))
def delete_hosts(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME", show_default=False)],
    *,
    force: Annotated[
        bool,
        typer.Option("--force", "-f", help="With its containers, unless its lease runs."),
    ] = False,
) -> None:
    """Remove hosts that have no containers, or by force those that are gone for good."""
    from imagedb.host_removal import delete_host
    from imagedb.procedures import perform

    session = session_of(context)

    def delete(name: str, number: int) -> None:
        caller = session.caller(number)
        perform(session.database, delete_host, session.namespace, caller, name, force=force)
        say(escape(name))

    run_each(names, delete)


@host_app.command(
    epilog=examples(
        "imagedb host heartbeat --lease 90s",
        "imagedb --host-name web-1 host heartbeat",
    ),
)
def heartbeat(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="Another host than the one that asks.", show_default=False
        ),
    ] = None,
    *,
    lease: Annotated[
        str | None,
        typer.Option(
            "--lease",
            metavar="DURATION",
            help="Without a sign of life for so long, it is stale; the last one given holds on.",
        ),
    ] = None,
) -> None:
    """Say that a host is alive, to be run every few seconds; it is made known.

    So does every report of its containers. A host that is stale still keeps its images: only
    `image rm --ignore-stale` and `host rm --force` go past it.
    """
    from imagedb.procedures import keep_alive

    session = session_of(context)
    host = name or session.host
    seconds = int(parse_duration(lease).total_seconds()) if lease is not None else None
    keep_alive(session.database, session.namespace, session.caller(), host, lease_seconds=seconds)
    say(escape(host))


@namespace_app.command("add", epilog=examples("imagedb namespace add staging"))
def add_namespace_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
) -> None:
    """Make a namespace; nothing else ever makes one."""
    from imagedb.namespaces import add_namespace

    made = session_of(context).database.write(lambda connection: add_namespace(connection, name))
    say(escape(made.name))


@namespace_app.command("ls", epilog=examples("imagedb namespace ls"))
def list_namespaces_(
    context: typer.Context,
    *,
    quiet: Quiet = False,
    format: Format = None,  # noqa: A002 - docker's word
) -> None:
    """List the namespaces of the database."""
    from imagedb.namespaces import list_namespaces

    with session_of(context).database.read() as connection:
        found = list_namespaces(connection)
    now = datetime.now(UTC)
    rows = [{"Name": one.name, "CreatedSince": format_age(one.created, now=now)} for one in found]
    say(*NAMESPACES.lines(rows, format, quiet=quiet))


@namespace_app.command("rm", epilog=examples("imagedb namespace rm staging"))
def delete_namespaces(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME", show_default=False)],
) -> None:
    """Remove namespaces that hold nothing."""
    from imagedb.content import sweep
    from imagedb.namespaces import delete_namespace

    database = session_of(context).database
    sweep(database)  # what a process that died has left to the next writer

    def delete(name: str, _number: int) -> None:
        database.write(lambda connection: delete_namespace(connection, name))
        say(escape(name))

    run_each(names, delete)
