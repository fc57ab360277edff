"""Progress of reading an archive, on a terminal; silence anywhere else."""

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from imagedb.cli.output import escape
from imagedb.digests import Digest

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from imagedb.sources import Progress


@contextlib.contextmanager
def shown_progress(label: str) -> "Iterator[Progress | None]":
    """Show bytes and layers while an archive is read, and leave nothing behind."""
    if not sys.stderr.isatty():
        yield None
        return
    with _bars() as bars:
        yield ShownProgress(bars, label)


def _bars() -> "Bars":
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[layers]}", markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


class ShownProgress:
    """One bar for the phase at hand."""

    def __init__(self, bars: "Bars", label: str) -> None:
        self._bars = bars
        self._label = escape(label)
        self._task: TaskID | None = None

    def started(self, phase: str, total: int | None) -> None:
        """Begin a new bar in place of the last."""
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(f"{phase} {self._label}", total=total, layers="")

    def advanced(self, count: int) -> None:
        """Move the bar by so many bytes."""
        if self._task is not None:
            self._bars.advance(self._task, count)

    def layer(self, digest: Digest, done: int, total: int) -> None:
        """Tell how many layers are read."""
        if self._task is not None:
            self._bars.update(self._task, layers=f"layer {done}/{total} {digest.short}")
