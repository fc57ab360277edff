"""Commands of containers: words, and the text in which they are stored and shown."""

import shlex
from collections.abc import Sequence
from typing import Final

_QUOTES: Final = frozenset("'\"\\")


def join_command(words: Sequence[str]) -> str | None:
    """Write words as a shell would be given them; None where there are none."""
    return shlex.join(words) if words else None


def split_command(text: str | None) -> tuple[str, ...]:
    """Read what `join_command` wrote."""
    if not text:
        return ()
    return tuple(text.split(" ") if _QUOTES.isdisjoint(text) else shlex.split(text))


def show_command(words: Sequence[str]) -> str:
    """Show words as docker does: arguments with a space in them stand in quotes.

    Source: moby, daemon/container/view.go, `transform`.
    """
    return " ".join([*words[:1], *(f"'{word}'" if " " in word else word for word in words[1:])])
