r"""Output: everything that is printed, made fit for a terminal.

Names, labels and errors come from outside. A control character in them could move the cursor,
rename the window or hide what follows, so each is shown as `\x1b` is. JSON stays JSON: there the
same characters become `\u009b`, which any reader turns back.
"""

import contextlib
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TextIO

_UNFIT: Final = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\xad\u200b\u2060-\u2064\ufeff"  # seen as nothing
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # the direction of what follows
    "\u2028\u2029"  # lines
    "\ud800-\udfff"  # no character
    "\ufff9-\ufffb\U000e0000-\U000e0fff"  # annotations, tags, selectors
    "]",
)
_NAMED: Final = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_TABLE_MIN_WIDTH: Final = 10
_TABLE_PADDING: Final = 3
_LAST_BYTE: Final = 0xFF
_LAST_BMP: Final = 0xFFFF


def escape(text: str) -> str:
    r"""Show what a terminal would obey: ESC as `\x1b`, a bidi override as `\u202e`."""
    return _UNFIT.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code <= _LAST_BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _LAST_BMP else f"\\U{code:08x}"


def to_json(value: object, *, indent: int | None = None) -> str:
    """Write JSON that is readable, and harmless on a terminal."""
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    # Line feeds are the layout: inside strings json.dumps has escaped them.
    return _UNFIT.sub(lambda m: m[0] if m[0] == "\n" else json.dumps(m[0])[1:-1], text)


def align(lines: Iterable[str]) -> list[str]:
    """Lay out lines of tab-separated cells as docker's tables, the last column as it is.

    Source: docker/cli, command/formatter/formatter.go (tabwriter: width 10, padding 3).
    """
    rows = [line.split("\t") for line in lines]
    columns = max((len(row) for row in rows), default=0) - 1
    widths = [_column_width(row[c] for row in rows if c < len(row) - 1) for c in range(columns)]
    return ["".join(_padded(row, widths)) for row in rows]


def _column_width(cells: Iterable[str]) -> int:
    return max(_TABLE_MIN_WIDTH, max(map(len, cells), default=0) + _TABLE_PADDING)


def _padded(row: Sequence[str], widths: Sequence[int]) -> Iterable[str]:
    yield from (cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False))
    yield row[-1]


def say(*lines: str) -> None:
    """Print lines that are fit to be seen."""
    _write(sys.stdout, lines)


def warn(*lines: str) -> None:
    """Print lines about the work, not of the answer; if nobody can read them, say nothing."""
    with contextlib.suppress(OSError):
        _write(sys.stderr, lines)


def _write(stream: TextIO, lines: Sequence[str]) -> None:
    if lines:
        stream.write("\n".join(lines) + "\n")
        stream.flush()


def can_print(text: str) -> bool:
    """Whether the encoding of the output has these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def prepare_streams() -> None:
    """Make both outputs exist, and show a character that their encoding lacks as an escape."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by who called us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
        elif hasattr(stream, "reconfigure"):  # not so where a test has put its own
            stream.reconfigure(errors="backslashreplace")


def forget_unwritten() -> None:
    """Let what nobody takes any more vanish, or Python complains about it at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
