"""`--dry-run`, `--out` and `--plan`: what would happen, kept, and done or not."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.acceptance.conftest import Command
from tests.builders.images import an_image

SCREEN = 24
"""Lines."""


def test_plan_of_a_blocked_delete_fits_a_screen(imagedb: Command) -> None:
    """Every name, container, host and hold is on it; it ends as the delete would."""
    world = imagedb.world
    image = world.add(an_image("ab"), "app:1", "registry.example.com/copy:1")
    world.add(an_image("a"), "base:1")
    world.add(an_image("cd"), "tool:1")
    world.run("app:1", name="web", host="web-1")
    world.run("app:1", name="db", state="exited", host="web-1")
    mount = f"type=image,source={image},target=/app"
    imagedb(
        "--host-name", "gone", "container", "create", "--name", "job", "--mount", mount, "tool:1"
    )
    world.beat("gone", lease=60)
    world.let_lapse("gone")
    world.hold("app:1", reason="audit")
    before = imagedb.state()

    done = imagedb("image", "rm", "--dry-run", image)

    assert (done.code, done.err) == (1, "")
    assert len(done.lines) <= SCREEN
    short = image.removeprefix("sha256:")[:12]
    assert (
        done.lines[0] == f"Image {short} (app:1, registry.example.com/copy:1) in namespace default"
    )
    assert done.lines[1].startswith(f"Would be refused: conflict: unable to delete {short}")
    assert "Keeps the image:" in done.lines
    for shown in (
        "hold 1 by tester@test (audit)",
        "(web, running) on host web-1, ",
        "(db, exited) on host web-1, ",
        "(job, created) on host gone (stale), ",
        "    mount ",
        "reference app:1",
        "reference registry.example.com/copy:1",
        "    parent ",
        "Would free, if nothing refused, ",
    ):
        assert shown in done.out
    assert max(map(len, done.lines[2:])) <= 100
    assert imagedb.state() == before


def test_dry_run_of_several_shows_all(imagedb: Command) -> None:
    """One that would be refused does not hide the rest; it ends with 1, as the delete would."""
    for layer, name in (("a", "one:1"), ("b", "two:1"), ("c", "three:1")):
        imagedb.world.add(an_image(layer), name)
    imagedb.world.hold("one:1", reason="audit")
    before = imagedb.state()

    shown = imagedb("image", "rm", "--dry-run", "one:1", "nope", "two:1", "three:1")

    assert (shown.code, shown.err) == (1, "Error: No such image: nope:latest\n")
    heads = [line for line in shown.lines if line.startswith("Image ")]
    assert ["one:1" in heads[0], "two:1" in heads[1], "three:1" in heads[2]] == [True] * 3
    assert imagedb.state() == before
    assert imagedb("image", "rm", "one:1", "nope", "two:1", "three:1").code == shown.code


def kept_plan(imagedb: Command) -> Path:
    """Store an image on a dangling parent, and keep the plan of its delete."""
    imagedb.world.add(an_image("a"))
    imagedb.world.add(an_image("ab"), "app:1")
    done = imagedb("image", "rm", "--dry-run", "--out", "app.plan", "app:1")
    assert done.code == 0
    return imagedb.folder / "app.plan"


def test_plan_does_what_it_printed(imagedb_anywhere: Command) -> None:
    """The same records in the same order, and nothing was changed before."""
    imagedb = imagedb_anywhere
    imagedb.world.add(an_image("a"))
    imagedb.world.add(an_image("ab"), "app:1")
    before = imagedb.state()

    shown = imagedb("image", "rm", "--dry-run", "--out", "app.plan", "app:1")
    assert imagedb.state() == before
    done = imagedb("image", "rm", "--plan", "app.plan")

    would = [line.removeprefix("Would be ") for line in shown.lines if line.startswith("Would be ")]
    assert len(would) == 3
    assert done.code == 0
    assert done.lines[:-1] == [line.capitalize() for line in would]
    assert done.lines[-1].startswith("Total reclaimed space: ")


def test_plan_of_another_state_is_refused(imagedb_anywhere: Command) -> None:
    """The change is named, and nothing is done."""
    imagedb = imagedb_anywhere
    kept_plan(imagedb)
    imagedb.world.run("app:1", name="web", state="exited", host="web-2")
    before = imagedb.state()

    done = imagedb("image", "rm", "--plan", "app.plan")

    assert (done.code, done.out) == (1, "")
    first, second = done.err.splitlines()
    assert first.startswith("Error: the plan does not fit any more (1 difference)")
    assert second.endswith("(web) on host web-2 is new")
    assert imagedb.state() == before


def edited(text: str) -> str:
    """Change what a plan says of its image."""
    document = json.loads(text)
    document["images"][0]["facts"]["references"] = []
    return json.dumps(document)


SPOILT: Mapping[str, tuple[Callable[[str], str], str]] = {
    "empty": (lambda _: "", ""),
    "binary": (lambda _: "\x00\x1b[31m", ""),
    "cut": (lambda text: text[:200], ""),
    "edited": (edited, "it does not fit its checksum: it was edited; make a new one"),
    "newer": (
        lambda text: text.replace('"format": 1', '"format": 9'),
        "its format is 9, this imagedb reads 1",
    ),
}
"""What becomes of a plan's text, and what is told of it."""


@pytest.mark.parametrize("way", SPOILT)
def test_file_that_is_no_plan_is_refused(imagedb: Command, way: str) -> None:
    """In one line, and nothing is done."""
    spoil, told = SPOILT[way]
    file = kept_plan(imagedb)
    before = imagedb.state()
    file.write_text(spoil(file.read_text()))

    done = imagedb("image", "rm", "--plan", "app.plan")

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"Error: invalid plan: {told}")
    assert done.err.count("\n") == 1
    assert imagedb.state() == before


def test_plan_that_cannot_be_read_is_told(imagedb: Command) -> None:
    """A file that is not there, a folder, and a plan of the other command: one line each."""
    kept_plan(imagedb)
    for arguments, told in (
        (("rm", "--plan", "none.plan"), "none.plan"),
        (("rm", "--plan", "."), "."),
        (("prune", "--plan", "app.plan"), "invalid plan: it is one of `imagedb image rm`"),
    ):
        done = imagedb("image", *arguments)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("Error: ")
        assert told in done.err
        assert done.err.count("\n") == 1


def test_plan_options_that_do_not_fit_are_refused(imagedb: Command) -> None:
    """Each with its reason, as a command line that cannot be read."""
    for arguments, told in (
        (("rm", "--out", "x", "app:1"), "it goes with --dry-run"),
        (("rm", "--dry-run", "--out", "x", "a", "b"), "a plan is of one IMAGE"),
        (("rm", "--plan", "x", "app:1"), "give nothing else"),
        (("rm",), "give at least one"),
        (("rm", "--dry-run", "--out", "", "app:1"), "it is empty: give a file"),
        (("rm", "--plan", ""), "it is empty: give a file"),
        (("prune", "--plan", ""), "it is empty: give a file"),
    ):
        done = imagedb("image", *arguments)
        assert done.code == 2
        assert told in done.err
