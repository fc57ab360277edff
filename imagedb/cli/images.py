"""`imagedb image`: list, inspect, name and remove images."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from imagedb.cli.context import session_of
from imagedb.cli.exits import run_each
from imagedb.cli.options import (
    Format,
    ImageArgument,
    NoTrunc,
    PlatformName,
    Quiet,
    examples,
    new_group,
)
from imagedb.cli.output import say, to_json
from imagedb.cli.templates import parse_template

if TYPE_CHECKING:
    pass

app = new_group("List, inspect, import, name and remove images.")


@app.command(
    epilog=examples(
        "imagedb image ls --digests",
        "imagedb image ls --format 'table {{.Repository}}\\t{{.Size}}' app",
    ),
)
def ls(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="REPOSITORY[:TAG]", help="Only these names.", show_default=False),
    ] = None,
    *,
    all_images: Annotated[  # noqa: ARG001 - there is nothing to hide
        bool, typer.Option("--all", "-a", help="As in docker; here no image is ever hidden.")
    ] = False,
    quiet: Quiet = False,
    no_trunc: NoTrunc = False,
    digests: Annotated[bool, typer.Option("--digests", help="Show digests.")] = False,
    format: Format = None,  # noqa: A002 - docker's word
) -> None:
    """List images, the newest first: one row for each name."""
    from imagedb.cli.image_rows import IMAGES, IMAGES_WITH_DIGESTS, image_rows
    from imagedb.images import list_images
    from imagedb.references import parse_reference

    wanted = parse_reference(name) if name else None
    now = datetime.now(UTC)
    with session_of(context).reading() as (connection, namespace):
        rows = [
            row
            for image in list_images(connection, namespace)
            for row in image_rows(image, wanted=wanted, no_trunc=no_trunc, now=now)
        ]
    listing = IMAGES_WITH_DIGESTS if digests else IMAGES
    say(*listing.lines(rows, format, quiet=quiet))


@app.command(
    epilog=examples(
        "imagedb image inspect app:1 base:1",
        "imagedb image inspect --format '{{json .Config.Labels}}' app:1",
    ),
)
def inspect(
    context: typer.Context,
    images: Annotated[list[str], typer.Argument(metavar="IMAGE", show_default=False)],
    *,
    format: Annotated[  # noqa: A002 - docker's word
        str | None,
        typer.Option("--format", "-f", metavar="FORMAT", help="json, or a template: '{{.Id}}'."),
    ] = None,
    platform: PlatformName = None,
) -> None:
    """Show all that is known of images, as a JSON array."""
    from imagedb.cli.image_rows import inspection
    from imagedb.inspection import inspect_image
    from imagedb.platforms import parse_platform

    session = session_of(context)
    wanted = parse_platform(platform) if platform else None
    shown_as = _inspection_format(format)
    found: list[dict[str, object]] = []

    def inspect_one(reference: str, _number: int) -> None:
        with session.reading() as (connection, namespace):
            details = inspect_image(
                connection, namespace, reference, platform=wanted, host=session.host
            )
        found.append(inspection(details, as_manifest=wanted is not None))

    try:
        run_each(images, inspect_one)
    finally:
        say(*shown_as(found))


def _inspection_format(
    text: str | None,
) -> Callable[[Sequence[dict[str, object]]], Iterable[str]]:
    """Choose docker's form: an indented array, one in a line, or the template for each image."""
    if not text:
        return lambda found: [to_json(found, indent=4)]
    if text == "json":
        return lambda found: [to_json(found)]
    template = parse_template(text)
    return lambda found: map(template.render, found)


@app.command(
    epilog=examples("imagedb image history --no-trunc --format '{{.CreatedBy}}' app:1"),
)
def history(
    context: typer.Context,
    image: ImageArgument,
    *,
    quiet: Quiet = False,
    no_trunc: NoTrunc = False,
    human: Annotated[
        bool, typer.Option("--human/--no-human", "-H", help="Ages and rounded sizes.")
    ] = True,
    format: Format = None,  # noqa: A002 - docker's word
    platform: PlatformName = None,
) -> None:
    """Show the build steps of an image, the newest first."""
    from imagedb.cli.image_rows import HISTORY, history_row
    from imagedb.inspection import get_history
    from imagedb.platforms import parse_platform

    session = session_of(context)
    wanted = parse_platform(platform) if platform else None
    with session.reading() as (connection, namespace):
        entries = get_history(connection, namespace, image, platform=wanted, host=session.host)
    now = datetime.now(UTC)
    rows = [history_row(entry, human=human, no_trunc=no_trunc, now=now) for entry in entries]
    say(*HISTORY.lines(rows, format, quiet=quiet))


@app.command(epilog=examples("imagedb image tag app:1 registry.example.com/team/app:stable"))
def tag(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="The image, by name or ID.", show_default=False)
    ],
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="The name it gets.", show_default=False)
    ],
) -> None:
    """Give an image a name, taking it from the image that had it."""
    from imagedb.procedures import perform
    from imagedb.tags import tag_image

    session = session_of(context)
    perform(session.database, tag_image, session.namespace, session.caller(), source, target)
