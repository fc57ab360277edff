"""`image prune`: asked, filtered, planned, interrupted."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import TIMEOUT, Command, Done
from tests.builders.images import an_image
from tests.builders.world import World, as_source

SMALL_BATCHES = """
import imagedb.pruning
imagedb.pruning.PRUNE_BATCH = 5
from imagedb.cli import main
main()
"""
"""The command, but that batches are small."""
MANY = 60


def fleet(world: World) -> None:
    """Store an image without a name, one that is used, one that is held, and a labelled one."""
    world.add(an_image("x"))
    world.add(an_image("ab"), "used:1")
    world.run("used:1", name="web", state="exited", host="web-2")
    world.add(an_image("cd"), "held:1")
    world.hold("held:1", reason="audit")
    world.add(an_image("ef"), "app:1", "app:2")
    world.add(an_image("gh"), "other:1")


def names(imagedb: Command) -> list[str]:
    """List all names that there are, sorted."""
    return sorted(name for image in imagedb.world.images().values() for name in image.names)


@pytest.mark.parametrize("answer", [b"", b"n\n", b"\n", b"maybe\n"])
def test_prune_that_is_not_confirmed_does_nothing(imagedb: Command, answer: bytes) -> None:
    """Docker's warning and question; the end of the input is no."""
    imagedb.world.add(an_image("x"))

    done = imagedb("image", "prune", stdin=answer)

    assert done.code == 0
    assert done.out.startswith(
        "WARNING! This will remove all dangling images.\nAre you sure you want to continue? [y/N] "
    )
    assert len(imagedb.world.images()) == 1


def test_prune_takes_what_dangles(imagedb_anywhere: Command) -> None:
    """Once it is confirmed, and no image with a name."""
    imagedb = imagedb_anywhere
    fleet(imagedb.world)

    done = imagedb("image", "prune", stdin=b"y\n")

    assert done.code == 0
    assert "Deleted: sha256:" in done.out
    assert done.lines[-1].startswith("Total reclaimed space: ")
    assert names(imagedb) == ["app:1", "app:2", "held:1", "other:1", "used:1"]
    assert len(imagedb.world.images()) == 4


def test_prune_of_all_takes_what_is_unused(imagedb_anywhere: Command) -> None:
    """With their names, in order; what is used or held stays. A dry run changes nothing."""
    imagedb = imagedb_anywhere
    fleet(imagedb.world)
    before = imagedb.state()

    shown = imagedb("image", "prune", "-a", "--dry-run")
    assert imagedb.state() == before
    done = imagedb("image", "prune", "-a", "-f")

    would = [line.removeprefix("Would be ") for line in shown.lines if line.startswith("Would be ")]
    assert done.lines[:-1] == [line.capitalize() for line in would]
    assert names(imagedb) == ["held:1", "used:1"]


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        (("until=1h",), ["app:1", "app:2", "held:1", "other:1", "used:1"]),
        (("until=2999-01-31",), ["held:1", "used:1"]),
        (("label=no-such",), ["app:1", "app:2", "held:1", "other:1", "used:1"]),
        (("label!=no-such",), ["held:1", "used:1"]),
        (("reference=app:1",), ["app:2", "held:1", "other:1", "used:1"]),
        (("reference=app", "until=2999-01-31"), ["held:1", "other:1", "used:1"]),
    ],
)
def test_prune_looks_at_what_passes_its_filters(
    imagedb: Command, filters: tuple[str, ...], left: list[str]
) -> None:
    """Moments, labels and patterns of names."""
    fleet(imagedb.world)
    options = [option for one in filters for option in ("--filter", one)]

    done = imagedb("image", "prune", "--all", "--force", *options)

    assert (done.code, done.err) == (0, "")
    assert names(imagedb) == left


def test_prune_filters_that_contradict_are_refused(imagedb: Command) -> None:
    """`--all` says dangling=false, as docker's; what agrees with it is heard."""
    fleet(imagedb.world)
    before = imagedb.state()

    refused = imagedb("image", "prune", "-a", "--force", "--filter", "dangling=true")

    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "Error: invalid filter 'dangling=[true false]'\n"
    assert imagedb.state() == before
    agreed = imagedb("image", "prune", "-a", "--dry-run", "--filter", "dangling=false")
    alone = imagedb("image", "prune", "--dry-run", "--filter", "dangling=false")
    assert agreed == alone == imagedb("image", "prune", "-a", "--dry-run")


def test_prune_until_a_duration_is_repeated_under_its_request_id(imagedb_anywhere: Command) -> None:
    """It tells the same again, whatever the time is by then; another duration is refused."""
    imagedb = imagedb_anywhere
    imagedb.world.add(an_image("x"))

    def prune(until: str) -> Done:
        command = ("image", "prune", "--force", "--filter", f"until={until}")
        return imagedb(*command, IMAGEDB_REQUEST_ID="night")

    first = prune("-1h")  # in an hour from now

    assert first.code == 0
    assert first.out.startswith("Deleted: ")
    assert prune("-1h") == first
    assert "request ID night.1 was used for another request" in prune("-2h").err


def test_prune_plan_leaves_what_has_changed(imagedb_anywhere: Command) -> None:
    """It is listed, the others go, and what came later is not in the plan."""
    imagedb = imagedb_anywhere
    fleet(imagedb.world)
    imagedb("image", "prune", "--all", "--dry-run", "--out", "night.plan")
    imagedb.world.tag("other:1", "kept:1")
    imagedb.world.add(an_image("ij"), "late:1")

    done = imagedb("image", "prune", "--plan", "night.plan")

    assert done.code == 1
    (line,) = (line for line in done.lines if line.startswith("Left: "))
    assert line == f"Left: {an_image('gh').digest}: name kept:1 is new"
    assert done.err == "Left 1 image that is not as the plan says.\n"
    assert names(imagedb) == ["held:1", "kept:1", "late:1", "other:1", "used:1"]


def test_prune_plan_that_was_done_goes_on(imagedb_anywhere: Command) -> None:
    """What is gone already is counted, not listed, and is no failure; what has changed still is."""
    imagedb = imagedb_anywhere
    fleet(imagedb.world)
    imagedb("image", "prune", "--all", "--dry-run", "--out", "night.plan")
    imagedb("image", "rm", "app:1", "app:2")

    done = imagedb("image", "prune", "--plan", "night.plan")
    again = imagedb("image", "prune", "--plan", "night.plan")

    assert (done.code, done.err) == (0, "1 image of the plan is gone already.\n")
    assert done.out.count("Deleted: ") == 2
    assert (again.code, again.out) == (0, "Total reclaimed space: 0B\n")
    assert again.err == "3 images of the plan are gone already.\n"


# ── interrupted ───────────────────────────────────────────────────────────────────────────────


def start_in_small_batches(imagedb: Command) -> "subprocess.Popen[bytes]":
    """Start a prune of what dangles, in batches of five."""
    imagedb.path = imagedb.folder / "small"
    imagedb.path.write_text(f"#!{sys.executable}\n{SMALL_BATCHES}")
    imagedb.path.chmod(0o755)
    return imagedb.start("image", "prune", "--force")


def many(tops: int = MANY) -> Iterator[str]:
    """Give a layer's content for each of many images."""
    return (f"{number:02d}" for number in range(tops))


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_prune_leaves_whole_batches(imagedb: Command, sign: signal.Signals) -> None:
    """What was told is done, with the rest nothing is wrong, and the same command goes on."""
    console = imagedb.path
    imagedb.world.load(*(as_source(an_image([layer])) for layer in many()))
    process = start_in_small_batches(imagedb)
    assert process.stdout
    process.stdout.readline()
    process.send_signal(sign)
    _, errors = process.communicate(timeout=TIMEOUT)

    left = len(imagedb.world.images())
    assert 0 < left < MANY
    assert left % 5 == 0
    if sign is signal.SIGINT:
        assert process.returncode == 130
        assert b"run the same command again to go on" in errors
    imagedb.path = console
    done = imagedb("image", "prune", "--force")
    assert done.out.count("Deleted: ") == left
    assert not imagedb.world.images()
