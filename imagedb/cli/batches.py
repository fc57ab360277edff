"""Batches of a prune, told one by one, whatever ends it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import typer

from imagedb.cli.exits import EXIT_CODES, report
from imagedb.cli.output import escape, say, warn
from imagedb.cli.plans import record_line
from imagedb.cli.units import format_size
from imagedb.errors import BusyError, ImageDBError

if TYPE_CHECKING:
    from imagedb.records import PrunedBatch

_GO_ON: Final = "hat is listed is done; run the same command again to go on."


def tell_batches(batches: "Iterable[PrunedBatch]") -> None:
    """Tell each batch when it is done, and in the end what was left.

    Raises:
        typer.Exit: something was left, or it ended early, after which the same command goes on.
        ImageDBError: nothing was done.
    """
    told: list[PrunedBatch] = []
    try:
        for batch in batches:
            told.append(batch)
            say(*map(record_line, batch.records), *_left_lines(batch))
    except KeyboardInterrupt:
        _tell_total(told)
        warn(f"Interrupted: w{_GO_ON}")
        raise typer.Exit(EXIT_CODES[KeyboardInterrupt]) from None
    except ImageDBError as error:
        if not any(batch.records for batch in told):
            raise
        _tell_total(told)
        code = report(_of_batch(error))
        warn(f"W{_GO_ON}")
        raise typer.Exit(code) from error
    _tell_total(told)
    _tell_left(told)


def _left_lines(batch: "PrunedBatch") -> Iterable[str]:
    for image in batch.left:
        if not image.is_gone:
            yield f"Left: {image.id}: {escape('; '.join(image.differences))}"


def _tell_total(batches: "Iterable[PrunedBatch]") -> None:
    say(f"Total reclaimed space: {format_size(sum(batch.freed for batch in batches))}")


def _of_batch(error: ImageDBError) -> ImageDBError:
    """An error that says of the last batch only that nothing was changed."""
    if not isinstance(error, BusyError):
        return error
    return BusyError(str(error).replace("nothing was changed", "of this batch nothing was changed"))


def _tell_left(batches: "Iterable[PrunedBatch]") -> None:
    """Count the images of a plan that are gone, and those that are not as they were."""
    left = [image.is_gone for batch in batches for image in batch.left]
    gone = sum(left)
    changed = len(left) - gone
    if gone:
        those = "1 image of the plan is" if gone == 1 else f"{gone:,} images of the plan are"
        warn(f"{those} gone already.")
    if changed:
        those = "1 image that is" if changed == 1 else f"{changed:,} images that are"
        warn(f"Left {those} not as the plan says.")
        raise typer.Exit(1)
