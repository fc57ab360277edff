"""What is told of a prune's batches."""

from collections.abc import Iterator

import pytest
import typer

from imagedb import errors
from imagedb.cli.batches import tell_batches
from imagedb.digests import ImageID
from imagedb.records import Deleted, PrunedBatch

IMAGE = ImageID.of(b"an image")
BUSY = "the database is busy (timeout); nothing was changed, try again"


def batches_until(error: BaseException, *done: PrunedBatch) -> Iterator[PrunedBatch]:
    """Give batches, and fail."""
    yield from done
    raise error


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (
            errors.BusyError(BUSY),
            75,
            (
                "Error: the database is busy (timeout); of this batch nothing was changed, try "
                "again\nWhat is listed is done; run the same command again to go on.\n"
            ),
        ),
        (
            errors.DatabaseError("no room"),
            5,
            "Error: no room\nWhat is listed is done; run the same command again to go on.\n",
        ),
        (
            KeyboardInterrupt(),
            130,
            "Interrupted: what is listed is done; run the same command again to go on.\n",
        ),
    ],
)
def test_prune_that_fails_half_way_tells_what_is_done(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, told: str
) -> None:
    """The total so far, the error with its own code, and how to go on."""
    batch = PrunedBatch((Deleted(IMAGE),), freed=2000)

    with pytest.raises(typer.Exit) as ended:
        tell_batches(batches_until(error, batch, batch))

    assert ended.value.exit_code == code
    shown = capsys.readouterr()
    line = f"Deleted: {IMAGE}\n"
    assert shown.out == f"{line}{line}Total reclaimed space: 4kB\n"
    assert shown.err == told


def test_prune_that_has_done_nothing_fails_as_any_command() -> None:
    """There nothing was changed indeed."""
    with pytest.raises(errors.BusyError, match="; nothing was changed"):
        tell_batches(batches_until(errors.BusyError(BUSY), PrunedBatch()))
