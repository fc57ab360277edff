"""`imagedb image import | load`: read archives, then write them."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imagedb.cli.context import Session, session_of
from imagedb.cli.exits import run_each
from imagedb.cli.options import examples, new_group
from imagedb.cli.output import escape, say, warn
from imagedb.cli.progress import shown_progress

if TYPE_CHECKING:
    from imagedb.records import ImportedImage, SourceImage
    from imagedb.sources import Progress

    Reader = Callable[[Progress | None], tuple[SourceImage, ...]]

app = new_group("Imports.")

_STDIN: Final = "<stdin>"


@app.command(
    "import",
    epilog=examples(
        "imagedb image import ./base.oci ./app.tar.gz",
        "imagedb image import --name app:1 ./build/layout",
    ),
)
def import_(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="OCI image layouts (folders, tar, tar.gz) and docker archives.",
            show_default=False,
        ),
    ],
    *,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Name the only image so.", show_default=False),
    ] = None,
    repository: Annotated[
        str | None,
        typer.Option(
            "--repository",
            metavar="REPOSITORY",
            help="Name images that bring only a tag: REPOSITORY:tag.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Read images from archives and store what they are; layers are verified, not kept.

    Everything is read before anything is written, one transaction for each archive. A name that
    another image has moves to the new one; the output says so.
    """
    from imagedb.references import parse_new_name, parse_reference
    from imagedb.sources import read_source

    if name is not None and len(paths) > 1:
        raise typer.BadParameter("only one PATH can be given with it", param_hint="--name")
    session = session_of(context)
    names = () if name is None else (parse_new_name(name),)
    parsed = None if repository is None else parse_reference(repository)

    def import_one(path: str, number: int) -> None:
        def read(progress: "Progress | None") -> "tuple[SourceImage, ...]":
            return read_source(Path(path), progress=progress, names=names, repository=parsed)

        _store(session, path, number, read)

    run_each([str(path) for path in paths], import_one)


@app.command(epilog=examples("docker save app:1 | imagedb image load"))
def load(
    context: typer.Context,
    input_file: Annotated[
        Path | None,
        typer.Option(
            "--input", "-i", metavar="FILE", help="Read this instead of stdin.", show_default=False
        ),
    ] = None,
    *,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Read an archive from a pipe, as docker load does."""
    from imagedb.errors import InvalidInputError
    from imagedb.sources import read_source, read_stream

    def read(progress: "Progress | None") -> "tuple[SourceImage, ...]":
        if input_file:
            return read_source(input_file, progress=progress)
        return read_stream(sys.stdin.buffer, progress=progress)

    if input_file is None and sys.stdin.isatty():
        raise InvalidInputError("requested load from stdin, but stdin is a terminal: use --input")
    _store(session_of(context), str(input_file or _STDIN), 1, read, quiet=quiet)


def _store(
    session: Session, label: str, number: int, read: "Reader", *, quiet: bool = False
) -> None:
    """Read all of an archive, then write it in one transaction, then say what became of it.

    The database is opened first: who cannot write need not wait for the reading.
    """
    from imagedb.importing import import_images
    from imagedb.procedures import perform

    database = session.database
    showing = contextlib.nullcontext() if quiet else shown_progress(label)
    with showing as progress:
        images = read(progress)
    imported = perform(database, import_images, session.namespace, session.caller(number), images)
    warn(*(f"Warning: {escape(f'{label}: {told}')}" for one in images for told in one.warnings))
    for image in imported:
        say(*_moved(image), *_loaded(image))
        warn(*_hints(image))


def _loaded(image: "ImportedImage") -> Iterator[str]:
    """Docker's lines."""
    if not image.names:
        yield f"Loaded image ID: {image.id}"
    for name in image.names:
        yield f"Loaded image: {escape(name)}"


def _moved(image: "ImportedImage") -> Iterator[str]:
    """Docker's line where the old image has no name left, one of our own where it has."""
    for old in image.replaced:
        existed = f"The image {escape(old.name)} already existed"
        if old.is_dangling:
            yield f"{existed}, renaming the old one with ID {old.image_id} to empty string"
        else:
            yield f"{existed}, the old one with ID {old.image_id} keeps its other names"


def _hints(image: "ImportedImage") -> Iterator[str]:
    if image.bare_tag:
        tag = escape(image.bare_tag)
        yield (
            f'The archive gives only the tag "{tag}": import it with --repository, or name it: '
            f"imagedb image tag {image.id.short} REPOSITORY:{tag}"
        )
