"""`imagedb hold`: protect images, until somebody lifts it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imagedb.cli.context import session_of
from imagedb.cli.exits import run_each
from imagedb.cli.listing import NONE, Listing, Row
from imagedb.cli.options import Format, ImageArgument, NoTrunc, Quiet, examples, new_group
from imagedb.cli.output import say
from imagedb.cli.units import format_age
from imagedb.moments import parse_end

if TYPE_CHECKING:
    from imagedb.records import ImageHold

app = new_group("Hold images: nothing deletes them, not by force either, until the hold is lifted.")

HOLDS: Final = Listing(
    headers={
        "ID": "HOLD",
        "Image": "IMAGE",
        "Names": "NAMES",
        "ImageID": "IMAGE ID",
        "Who": "WHO",
        "HeldSince": "HELD",
        "HeldAt": "HELD AT",
        "Until": "UNTIL",
        "Overdue": "OVERDUE",
        "Reason": "REASON",
    },
    columns=("ID", "Image", "ImageID", "Who", "HeldSince", "Until", "Reason"),
)


@app.command(
    epilog=examples(
        "imagedb hold add --reason 'audit, ticket 4711' --until 2027-01-31 app:1",
    ),
)
def add(
    context: typer.Context,
    image: ImageArgument,
    *,
    reason: Annotated[
        str,
        typer.Option(
            "--reason", metavar="TEXT", help="Why it must stay: whoever is refused reads it."
        ),
    ],
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="MOMENT",
            help="Lists show it as overdue from then on: 2027-01-31, or 72h from now.",
        ),
    ] = None,
) -> None:
    """Hold an image, and print the number of the hold; several may hold one image."""
    from imagedb.hold_requests import add_hold
    from imagedb.procedures import perform

    session = session_of(context)
    end = parse_end(until) if until is not None else None
    caller = session.caller()
    operation = add_hold
    number = perform(
        session.database, operation, session.namespace, caller, image, reason=reason, until=end
    )
    say(str(number))


@app.command(epilog=examples("imagedb hold ls", "imagedb hold ls --format json app:1"))
def ls(
    context: typer.Context,
    image: Annotated[
        str | None,
        typer.Argument(metavar="[IMAGE]", help="Only the holds of this one.", show_default=False),
    ] = None,
    *,
    quiet: Quiet = False,
    no_trunc: NoTrunc = False,
    format: Format = None,  # noqa: A002 - docker's word
) -> None:
    """List who holds what, since when and why; the oldest first."""
    from imagedb.holds import list_holds

    with session_of(context).reading() as (connection, namespace):
        found = list_holds(connection, namespace, image)
    now = datetime.now(UTC)
    rows = [hold_row(one, no_trunc=no_trunc, now=now) for one in found]
    say(*HOLDS.lines(rows, format, quiet=quiet))


@app.command(epilog=examples("imagedb hold rm app:1", "imagedb hold rm --id 3 app:1"))
def rm(
    context: typer.Context,
    images: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE", help="Names or IDs.", show_default=False),
    ],
    *,
    number: Annotated[
        int | None, typer.Option("--id", metavar="NUMBER", help="The hold of this number.")
    ] = None,
    all_holds: Annotated[bool, typer.Option("--all", help="All holds of the image.")] = False,
) -> None:
    """Lift the hold of each image, and print its number; of several holds, say which."""
    from imagedb.hold_requests import delete_hold
    from imagedb.procedures import perform

    if all_holds and number is not None:
        raise typer.BadParameter("it is of one hold, --all of all: give one", param_hint="--id")
    session = session_of(context)

    def lift(image: str, position: int) -> None:
        lifted = perform(
            session.database,
            delete_hold,
            session.namespace,
            session.caller(position),
            image,
            number=number,
            all=all_holds,
        )
        say(*map(str, lifted))

    run_each(images, lift)


def hold_row(one: "ImageHold", *, no_trunc: bool, now: datetime) -> Row:
    """Give the row of a hold."""
    from imagedb.times import format_utc

    hold = one.hold
    until = format_utc(hold.until) if hold.until else ""
    return {
        "ID": str(hold.key),
        "Image": one.names[0] if one.names else NONE,
        "Names": ",".join(one.names),
        "ImageID": str(one.image_id) if no_trunc else one.image_id.short,
        "Who": hold.who,
        "HeldSince": format_age(hold.held, now=now),
        "HeldAt": format_utc(hold.held),
        "Until": f"{until} (overdue)" if hold.is_overdue else until,
        "Overdue": "true" if hold.is_overdue else "false",
        "Reason": hold.reason,
    }
