"""What several commands share: the look of a group, examples, options."""

from typing import Annotated

import typer

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only show IDs.")]
NoTrunc = Annotated[bool, typer.Option("--no-trunc", help="Do not shorten IDs and texts.")]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="table, json, or a template: '{{.ID}}', 'table {{.ID}}\\t{{.Size}}'.",
    ),
]
PlatformName = Annotated[
    str | None,
    typer.Option("--platform", metavar="OS/ARCH[/VARIANT]", help="Of this platform."),
]
Before = Annotated[
    str,
    typer.Option(
        "--before", metavar="AGE", help="Older than that, 12h or 90d, or from before a moment."
    ),
]
ImageArgument = Annotated[
    str,
    typer.Argument(metavar="IMAGE", help="A name, an ID, or its beginning.", show_default=False),
]


def new_group(help: str, *, does_nothing_alone: bool = True) -> typer.Typer:  # noqa: A002 - Typer's name
    """Make a group of commands: plain help, and no traceback drawn by rich."""
    return typer.Typer(
        help=help,
        no_args_is_help=does_nothing_alone,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
    )


def examples(*lines: str) -> str:
    """Lay out examples for the end of a help text, each on its line."""
    shown = "".join(f"\n  {line}" for line in lines)
    return f"\b\nExample{'s' * (len(lines) > 1)}:{shown}"
