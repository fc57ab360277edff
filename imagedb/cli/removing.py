"""`imagedb image rm` and `imagedb image prune`: doing it, planning it, doing what was planned."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imagedb.cli.batches import tell_batches
from imagedb.cli.context import Session, session_of
from imagedb.cli.exits import run_each
from imagedb.cli.options import examples, new_group
from imagedb.cli.output import say
from imagedb.cli.plans import (
    STDOUT,
    DryRun,
    Out,
    PlanFile,
    keep_plan,
    read_plan,
    record_line,
    show_plan,
)
from imagedb.moments import parse_moment

if TYPE_CHECKING:
    from imagedb.filters import PruneFilters
    from imagedb.plan_documents import PlanDocument
    from imagedb.platforms import Platform

app = new_group("Removing.")

_ALL_DANGLING: Final = "WARNING! This will remove all dangling images."
_ALL_UNUSED: Final = (
    "WARNING! This will remove all images without at least one container associated to them."
)


@dataclass(frozen=True, slots=True)
class _Flags:
    """How images are to be removed."""

    force: bool
    prune: bool
    platforms: "tuple[Platform, ...]"
    ignore_stale: bool


@app.command(
    epilog=examples(
        "imagedb image rm app:1 app:2",
        "imagedb image rm --force --platform linux/arm64 app:1",
        "imagedb image rm --dry-run --out app.plan app:1",
        "imagedb image rm --plan app.plan",
    ),
)
def rm(
    context: typer.Context,
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="IMAGE", help="Names or IDs.", show_default=False),
    ] = None,
    *,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Go as far as running containers allow.")
    ] = False,
    no_prune: Annotated[
        bool, typer.Option("--no-prune", help="Keep parents that have no name.")
    ] = False,
    platform: Annotated[
        list[str] | None,
        typer.Option(
            "--platform", metavar="OS/ARCH[/VARIANT]", help="Only this platform; needs --force."
        ),
    ] = None,
    ignore_stale: Annotated[
        bool,
        typer.Option("--ignore-stale", help="Go past containers of hosts whose lease has run out."),
    ] = False,
    dry_run: DryRun = False,
    out: Out = None,
    plan: PlanFile = None,
) -> None:
    """Remove names and images; a refusal tells every reason and changes nothing.

    By name, the name goes, and the image with its last one. By ID, the image goes with all its
    names. Parents without a name go with it, unless something uses them. Each argument is a
    transaction of its own; one that is refused does not stop the rest.
    """
    from imagedb.platforms import parse_platform

    session = session_of(context)
    others = [*(images or ()), *(platform or ()), *filter(None, (force, no_prune, ignore_stale))]
    _check_plan_options(dry_run=dry_run, out=out, plan=plan, others=others)
    if out and len(images or []) > 1:
        raise typer.BadParameter("a plan is of one IMAGE", param_hint="--out")
    if plan:
        return _apply(session, read_plan(plan, "delete"))
    if not images:
        raise typer.BadParameter("give at least one, or --plan FILE", param_hint="IMAGE")
    flags = _Flags(force, not no_prune, tuple(map(parse_platform, platform or ())), ignore_stale)
    if dry_run:
        return run_each(images, lambda image, _: _plan_delete(session, image, flags, out))
    return run_each(images, lambda image, number: _delete(session, image, number, flags))


def _check_plan_options(
    *, dry_run: bool, out: Path | None, plan: Path | None, others: list[object]
) -> None:
    if out and not dry_run:
        raise typer.BadParameter("it goes with --dry-run", param_hint="--out")
    if plan and (dry_run or others):
        raise typer.BadParameter(
            "the plan says what is done: give nothing else", param_hint="--plan"
        )


def _delete(session: Session, image: str, number: int, flags: _Flags) -> None:
    from imagedb.deletion import delete_image
    from imagedb.procedures import perform

    records = perform(
        session.database,
        delete_image,
        session.namespace,
        session.caller(number),
        image,
        force=flags.force,
        prune=flags.prune,
        platforms=flags.platforms,
        ignore_stale=flags.ignore_stale,
    )
    say(*map(record_line, records))


def _plan_delete(session: Session, image: str, flags: _Flags, out: Path | None) -> None:
    """Show a plan; as the delete itself, it fails where it would be refused."""
    from imagedb.planning import plan_delete

    with session.reading() as (connection, namespace):
        document = plan_delete(
            connection,
            namespace,
            session.caller(),
            image,
            force=flags.force,
            prune=flags.prune,
            platforms=flags.platforms,
            ignore_stale=flags.ignore_stale,
        )
    _show(document, out)
    if document.conflicts:
        raise typer.Exit(1)


def _show(document: "PlanDocument", out: Path | None) -> None:
    if out == STDOUT:
        return say(document.to_json().rstrip("\n"))
    if out:
        keep_plan(document, out)
    return show_plan(document)


# ── prune ─────────────────────────────────────────────────────────────────────────────────────


@app.command(
    epilog=examples(
        "imagedb image prune --force",
        "imagedb image prune --all --filter until=240h --dry-run --out night.plan",
        "imagedb image prune --plan night.plan",
    ),
)
def prune(
    context: typer.Context,
    *,
    all_images: Annotated[
        bool, typer.Option("--all", "-a", help="Images with names too, if no container uses them.")
    ] = False,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="NAME=VALUE",
            help="until=MOMENT, label=KEY[=VALUE], label!=KEY[=VALUE], reference=PATTERN.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Do not ask first.")] = False,
    dry_run: DryRun = False,
    out: Out = None,
    plan: PlanFile = None,
) -> None:
    """Remove images that have no name, no container and no hold.

    Done in batches, each of them whole: what is interrupted goes on when it is run again. Of the
    images in a plan, those that are not as they were are left, and listed.
    """
    session = session_of(context)
    _check_plan_options(
        dry_run=dry_run, out=out, plan=plan, others=[*(filters or ()), *filter(None, [all_images])]
    )
    if plan:
        return _apply(session, read_plan(plan, "prune"))
    wanted = _prune_filters(session, filters or [], all_images=all_images)
    if dry_run:
        return _plan_prune(session, wanted, out)
    if not force and not _confirms(_ALL_DANGLING if wanted.dangling else _ALL_UNUSED):
        return None
    from imagedb.pruning import prune_images

    batches = prune_images(session.database, session.namespace, session.caller(), wanted)
    return tell_batches(batches)


def _prune_filters(session: Session, texts: list[str], *, all_images: bool) -> "PruneFilters":
    """Read the filters; durations count back from the database's time, by which images entered."""
    from imagedb.filters import parse_prune_filters, split_filters
    from imagedb.retention import read_clock

    filters = split_filters(texts)
    if all_images:
        filters.setdefault("dangling", []).append("false")  # as docker does: they must agree
    return parse_prune_filters(
        filters, lambda text: parse_moment(text, now=read_clock(session.database))
    )


def _plan_prune(session: Session, wanted: "PruneFilters", out: Path | None) -> None:
    from imagedb.planning import plan_prune

    with session.reading() as (connection, namespace):
        document = plan_prune(connection, namespace, session.caller(), wanted)
    _show(document, out)


def _confirms(warning: str) -> bool:
    """Ask as docker does; whoever says nothing has said no."""
    say(warning)
    question = "Are you sure you want to continue? [y/N]"
    try:
        answer = typer.prompt(question, "", prompt_suffix=" ", show_default=False)
    except typer.Abort:
        return False
    return answer.strip().lower() in {"y", "yes"}


# ── as planned ────────────────────────────────────────────────────────────────────────────────


def _apply(session: Session, document: "PlanDocument") -> None:
    from imagedb.planning import apply_plan

    if document.namespace != session.namespace:
        raise typer.BadParameter(
            f"it is of namespace {document.namespace}: give that with --namespace",
            param_hint="--plan",
        )
    tell_batches(apply_plan(session.database, session.caller(), document))
