"""`imagedb image parents | children | base | tree`: what is built on what."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imagedb.cli.context import Session, session_of
from imagedb.cli.listing import NONE, Listing, Row
from imagedb.cli.options import Format, ImageArgument, NoTrunc, Quiet, examples, new_group
from imagedb.cli.output import can_print, escape, say, warn
from imagedb.cli.units import format_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from imagedb.records import Image, ImageSummary, Relative, TreeNode

    Finder = Callable[[Connection, Image], Sequence[Relative]]

app = new_group("Lineage.")

RELATIVES: Final = Listing(
    headers={
        "ID": "IMAGE ID",
        "Names": "NAMES",
        "Layers": "SHARED LAYERS",
        "Platforms": "PLATFORMS",
    },
    columns=("ID", "Names", "Layers", "Platforms"),
)


@app.command(epilog=examples("imagedb image parents app:1"))
def parents(
    context: typer.Context,
    image: ImageArgument,
    *,
    quiet: Quiet = False,
    no_trunc: NoTrunc = False,
    format: Format = None,  # noqa: A002 - docker's word
) -> None:
    """List what an image is built on, the nearest first."""
    from imagedb.lineage import list_parents

    rows = _relatives(session_of(context), image, list_parents, no_trunc=no_trunc)
    say(*RELATIVES.lines(rows, format, quiet=quiet))


@app.command(epilog=examples("imagedb image children --quiet base:1"))
def children(
    context: typer.Context,
    image: ImageArgument,
    *,
    quiet: Quiet = False,
    no_trunc: NoTrunc = False,
    format: Format = None,  # noqa: A002 - docker's word
) -> None:
    """List what is built on an image; what shares most layers first."""
    from imagedb.lineage import list_children

    rows = _relatives(session_of(context), image, list_children, no_trunc=no_trunc)
    say(*RELATIVES.lines(rows, format, quiet=quiet))


@app.command(epilog=examples("imagedb image base --format '{{.Names}}' app:1"))
def base(
    context: typer.Context,
    image: ImageArgument,
    *,
    quiet: Quiet = False,
    no_trunc: NoTrunc = False,
    format: Format = None,  # noqa: A002 - docker's word
) -> None:
    """Show the nearest image with a name that an image is built on."""
    from imagedb.lineage import find_base

    def find(connection: "Connection", of: "Image") -> "Sequence[Relative]":
        found = find_base(connection, of)
        return [found] if found else []

    rows = _relatives(session_of(context), image, find, no_trunc=no_trunc)
    if not rows:
        warn(f"{escape(image)} is built on no image with a name.")
        return
    say(*RELATIVES.lines(rows, format, quiet=quiet))


def _relatives(session: Session, text: str, find: "Finder", *, no_trunc: bool) -> list[Row]:
    from imagedb.cli.image_rows import format_id
    from imagedb.images import get_image, names_of

    with session.reading() as (connection, namespace):
        relatives = find(connection, get_image(connection, namespace, text))
        names = names_of(connection, [relative.key for relative in relatives])
    return [
        {
            "ID": format_id(relative.id, no_trunc=no_trunc),
            "Names": ", ".join(names[relative.key]) or NONE,
            "Layers": str(relative.shared_layers),
            "Platforms": ",".join(map(str, relative.platforms)),
        }
        for relative in relatives
    ]


# ── tree ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Strokes:
    """What a tree is drawn with."""

    branch: str
    last: str
    past: str
    beside: str = "    "


UNICODE: Final = Strokes(branch="├── ", last="└── ", past="│   ")
ASCII: Final = Strokes(branch="|-- ", last="`-- ", past="|   ")


@app.command(epilog=examples("imagedb image tree", "imagedb image tree base:1"))
def tree(
    context: typer.Context,
    image: Annotated[
        str | None,
        typer.Argument(
            metavar="IMAGE",
            help="Only what it is built on, and what is built on it.",
            show_default=False,
        ),
    ] = None,
    *,
    no_trunc: NoTrunc = False,
) -> None:
    """Draw images below what they are built on."""
    from imagedb.images import get_image
    from imagedb.trees import get_tree

    with session_of(context).reading() as (connection, namespace):
        root = get_image(connection, namespace, image) if image else None
        nodes = get_tree(connection, namespace, root)
    strokes = UNICODE if can_print(UNICODE.branch + UNICODE.last + UNICODE.past) else ASCII
    say(*draw_tree(nodes, strokes, no_trunc=no_trunc))


def draw_tree(
    nodes: "Iterable[TreeNode]", strokes: Strokes, *, no_trunc: bool = False
) -> Iterator[str]:
    """Draw trees one below the other, each image on a line with its names, ID and size."""
    for node in nodes:
        yield _node_line(node, no_trunc=no_trunc)
        yield from _draw_children(node, strokes, "", no_trunc=no_trunc)


def _draw_children(
    node: "TreeNode", strokes: Strokes, indent: str, *, no_trunc: bool
) -> Iterator[str]:
    """Without recursion: a chain may be longer than Python's stack is deep."""
    waiting = [(child, indent, child is node.children[-1]) for child in reversed(node.children)]
    while waiting:
        child, indent, is_last = waiting.pop()
        stroke = strokes.last if is_last else strokes.branch
        yield indent + stroke + _node_line(child, no_trunc=no_trunc)
        below = indent + (strokes.beside if is_last else strokes.past)
        grandchildren = child.children
        waiting += [(one, below, one is grandchildren[-1]) for one in reversed(grandchildren)]


def _node_line(node: "TreeNode", *, no_trunc: bool) -> str:
    image = node.image
    parts = [
        escape(", ".join(image.names)) or NONE,
        str(image.id) if no_trunc else image.id.short,
        format_size(image.content_size),
        *_remarks(node, image),
    ]
    return "  ".join(parts)


def _remarks(node: "TreeNode", image: "ImageSummary") -> Iterator[str]:
    if node.platforms and set(node.platforms) != set(image.platforms):
        yield f"(on {', '.join(map(str, node.platforms))})"
    if image.containers:
        yield f"({image.containers} container{'s' * (image.containers != 1)})"
    if node.is_repeated:
        yield "(drawn above)"
