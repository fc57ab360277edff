"""`imagedb content`: for whoever keeps the bytes and deletes those that nobody uses any more."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from imagedb.cli.content_rows import RELEASES, claim_lines, content_line, left_line, release_row
from imagedb.cli.context import session_of
from imagedb.cli.options import Before, Format, Quiet, examples, new_group
from imagedb.cli.output import say, warn
from imagedb.moments import parse_age, parse_duration

if TYPE_CHECKING:
    from imagedb.records import FinishedClaim

app = new_group("Content that is not used any more: claim it, delete its bytes, say so.")

Kind = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only blob, config, manifest, index or chain.",
        show_default=False,
    ),
]
ClaimArgument = Annotated[
    str, typer.Argument(metavar="CLAIM", help="The claim's ID.", show_default=False)
]


@app.command(epilog=examples("imagedb content ls --kind blob", "imagedb content ls -q"))
def ls(
    context: typer.Context,
    *,
    kind: Kind = None,
    quiet: Quiet = False,
    format: Format = None,  # noqa: A002 - docker's word
) -> None:
    """List content that the namespace no longer uses and nobody has done with, oldest first."""
    from imagedb.releases import list_releases

    now = datetime.now(UTC)
    with session_of(context).reading() as (connection, namespace):
        rows = [
            release_row(release, now=now)
            for release in list_releases(connection, namespace, kind=kind)
        ]
    say(*RELEASES.lines(rows, format, quiet=quiet))


@app.command(
    epilog=examples(
        "imagedb content claim --kind blob --limit 500 --lease 1h",
        "imagedb content claim --format json",
    ),
)
def claim(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="At most so many.")] = 100,
    lease: Annotated[
        str,
        typer.Option(
            "--lease", metavar="DURATION", help="After that others may claim them: 90s, 10m, 24h."
        ),
    ] = "10m",
    kind: Kind = None,
    format: Annotated[  # noqa: A002 - docker's word
        str | None,
        typer.Option("--format", metavar="FORMAT", help="json, or a template: '{{.ID}}'."),
    ] = None,
) -> None:
    """Claim the oldest content that nobody has claimed, to delete its bytes.

    The first line is the claim's ID, each other one a kind and a digest. Where there is nothing to
    claim, nothing is printed. Several workers get different content and do not wait for each other.
    """
    from imagedb.procedures import perform
    from imagedb.releases import claim_releases

    session = session_of(context)
    claimed = perform(
        session.database,
        claim_releases,
        session.namespace,
        session.caller(),
        limit=limit,
        lease=parse_duration(lease),
        kind=kind,
    )
    say(*claim_lines(claimed, format))


@app.command(epilog=examples("imagedb content done 9f86d081884c7d65"))
def done(
    context: typer.Context,
    claim: ClaimArgument,
    digests: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DIGEST]...", help="Only these.", show_default=False),
    ] = None,
    *,
    kind: Kind = None,
) -> None:
    """Say that the bytes of a claim's content are deleted; prints what is done.

    What was stored again meanwhile, or claimed or done by another after the lease ran out, is left
    and told of, and the exit code is 1. What another has done is printed too: nobody needs its
    bytes.
    """
    from imagedb.procedures import perform
    from imagedb.releases import finish_releases

    session = session_of(context)
    finished: FinishedClaim = perform(
        session.database,
        finish_releases,
        session.namespace,
        session.caller(),
        claim,
        digests or (),
        kind=kind,
    )
    others = [left for left in finished.left if left.why == "done"]
    say(*map(content_line, finished.done), *map(content_line, others))
    if finished.left:
        warn(*map(left_line, finished.left))
        raise typer.Exit(1)


@app.command(epilog=examples("imagedb content reset 9f86d081884c7d65"))
def reset(context: typer.Context, claim: ClaimArgument) -> None:
    """Give back what a claim still holds, for others to claim at once."""
    from imagedb.procedures import perform
    from imagedb.releases import reset_claim

    session = session_of(context)
    given_back = perform(session.database, reset_claim, session.namespace, session.caller(), claim)
    say(*map(content_line, given_back))


@app.command(epilog=examples("imagedb content prune --before 30d"))
def prune(context: typer.Context, before: Before = "30d") -> None:
    """Forget what was done long ago, in all namespaces, in batches; prints how many."""
    from imagedb.retention import prune_done_releases

    removed = prune_done_releases(session_of(context).database, before=parse_age(before))
    say(f"Removed: {removed}")


@app.command(epilog=examples("imagedb content sweep"))
def sweep(context: typer.Context) -> None:
    """Look at what deletes have let go, in all namespaces, and release what is not used.

    Every command that writes does this too; this is for what a process that died has left. It looks
    through all content as well, and removes its rows where nobody needs them any more.
    """
    from imagedb.collecting import collect
    from imagedb.content import sweep as sweep_database

    database = session_of(context).database
    say(f"Released: {sweep_database(database)}", f"Collected: {collect(database)}")
