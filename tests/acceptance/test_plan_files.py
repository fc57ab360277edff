"""`--out`: where a plan is kept, and what else is there already."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from imagedb.plan_documents import parse_plan
from tests.acceptance.conftest import TIMEOUT, Command, Done
from tests.builders.images import an_image

DRY_RUN = ("image", "rm", "--dry-run", "--out")


@pytest.fixture
def stored(imagedb: Command) -> Command:
    """The command with an image to plan for."""
    imagedb.world.add(an_image("ab"), "app:1")
    return imagedb


def keep(imagedb: Command, out: str) -> Done:
    """Plan to remove the image."""
    return imagedb(*DRY_RUN, out, "app:1")


def plan_in(path: Path) -> str:
    """Read a plan; give the name that it is about."""
    (image,) = parse_plan(path.read_bytes()).images
    (name,) = image.facts.references
    return name


def files_in(folder: Path) -> list[str]:
    """List what is there, sorted."""
    return sorted(one.name for one in folder.iterdir())


def mode_of(path: Path) -> int:
    """Give the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_plan_into_a_pipe_is_written_to_it(stored: Command) -> None:
    """What is no file stays what it is."""
    pipe = stored.folder / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        done = keep(stored, "pipe")
        if not stat.S_ISFIFO(pipe.stat().st_mode):
            reader.kill()
        text, _ = reader.communicate(timeout=TIMEOUT)

    assert done.code == 0
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert parse_plan(text).operation == "delete"


@pytest.mark.parametrize("is_there", [True, False])
def test_plan_through_a_link_lands_where_it_leads(stored: Command, is_there: bool) -> None:  # noqa: FBT001 - a case
    """The link stays; its file is replaced, or made."""
    (stored.folder / "kept").mkdir()
    target = stored.folder / "kept" / "app.plan"
    if is_there:
        target.write_text("old")
    link = stored.folder / "link"
    link.symlink_to(target)

    assert keep(stored, "link").code == 0

    assert link.is_symlink()
    assert not target.is_symlink()
    assert plan_in(target) == "docker.io/library/app:1"
    assert files_in(target.parent) == ["app.plan"]


def test_plan_to_the_output_is_all_that_is_printed(stored: Command) -> None:
    """`-` is for a program that reads it; it ends as without."""
    stored.world.hold("app:1", reason="audit")

    done = keep(stored, "-")

    assert (done.code, done.err) == (1, "")
    document = parse_plan(done.out.encode())
    assert document.to_json() == done.out
    assert len(document.conflicts) == 1
    assert files_in(stored.folder) == []


def test_plan_has_the_mode_of_any_file(stored: Command) -> None:
    """That which the umask gives; a file that was there keeps its own."""
    before = os.umask(0o027)
    try:
        keep(stored, "new.plan")
    finally:
        os.umask(before)
    old = stored.folder / "old.plan"
    old.touch()
    old.chmod(0o604)
    keep(stored, "old.plan")

    assert mode_of(stored.folder / "new.plan") == 0o640
    assert mode_of(old) == 0o604
    assert plan_in(old) == "docker.io/library/app:1"


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("none/app.plan", "No such file or directory"),
        ("folder", "Is a directory"),
        ("loop", "Too many levels of symbolic links"),
    ],
)
def test_plan_that_cannot_be_kept_is_told_by_its_name(stored: Command, out: str, told: str) -> None:
    """In one line that names what was asked for, not a file of our own."""
    (stored.folder / "folder").mkdir()
    (stored.folder / "loop").symlink_to("loop")

    done = keep(stored, out)

    assert (done.code, done.out) == (1, "")
    assert done.err == f"Error: {told}: {out}\n"
    assert files_in(stored.folder) == ["folder", "loop"]
