"""`imagedb events`: what happened, in docker's lines.

Source: docker/cli, command/system/events.go (prettyPrintEvent).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imagedb.cli.context import session_of
from imagedb.cli.options import Before, examples, new_group
from imagedb.cli.output import escape, say
from imagedb.cli.templates import parse_template
from imagedb.cli.times import format_moment
from imagedb.docker_json.events import event_object
from imagedb.moments import parse_age, parse_range

if TYPE_CHECKING:
    from imagedb.records import Event

FIELDS: Final = (
    "status",
    "id",
    "Type",
    "Action",
    "Actor",
    "scope",
    "time",
    "timeNano",
    "Position",
    "Namespace",
    "Host",
    "Who",
    "DatabaseUser",
    "RequestID",
)


app = new_group("What happened.", does_nothing_alone=False)


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "imagedb events --since 10m --format json",
        "imagedb events --after 4711",
        "imagedb events prune --before 90d",
    ),
)
def events(
    context: typer.Context,
    *,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="MOMENT", help="From then on: 10m, 2026-01-31T15:04, 1700000000."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="MOMENT", help="Up to then.")
    ] = None,
    after: Annotated[
        int | None,
        typer.Option(
            "--after",
            metavar="POSITION",
            min=0,
            help="Only those behind this position, none of which is missing.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - docker's word
        str | None,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help="json, or a template: '{{.Action}}'."
        ),
    ] = None,
) -> None:
    """Show what happened in the namespace, in an order that never changes."""
    from imagedb.events import give_positions, list_events

    if context.invoked_subcommand:
        _refuse_options(context)
        return
    first, last = parse_range(since, until, now=datetime.now(UTC))
    show = _event_format(format)
    session = session_of(context)
    give_positions(session.database)
    with session.reading() as (connection, namespace):
        found = list_events(connection, namespace, since=first, until=last, after=after)
    say(*map(show, found))


def _refuse_options(context: typer.Context) -> None:
    """A command below has its own: what stands before it would be lost."""
    given = [name for name, value in context.params.items() if value is not None]
    if given:
        raise typer.BadParameter(f"--{given[0]} does not go before a command")


@app.command("prune", epilog=examples("imagedb events prune --before 90d"))
def prune(context: typer.Context, before: Before = "90d") -> None:
    """Remove old events of all namespaces, in batches; prints how many.

    Whoever follows events and has not seen them is told, with exit code 1.
    """
    from imagedb.retention import prune_events

    removed = prune_events(session_of(context).database, before=parse_age(before))
    say(f"Removed: {removed}")


def _event_format(text: str | None) -> "Callable[[Event], str]":
    if not text:
        return format_event
    template = parse_template("{{json .}}" if text == "json" else text, FIELDS)
    return lambda event: template.render(event_object(event, is_legacy=True))


def format_event(event: "Event") -> str:
    """Write an event as `docker events` does: moment, type, action, actor, attributes."""
    told = ", ".join(f"{key}={value}" for key, value in sorted(event.attributes.items()))
    line = f"{format_moment(event.time)} {event.type} {event.action} {event.actor_id}"
    return escape(f"{line} ({told})" if told else line)
