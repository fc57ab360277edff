"""`make demo`: what a reader sees, and that it can fail."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo.layouts import FLEET, find_ids
from demo.run import Demo, UnexpectedEndError, styled
from demo.story import Chapter, Step, tell

ROOT = Path(__file__).parents[2]


def test_demo_tells_its_story(tmp_path: Path) -> None:
    """Every command ends as expected; the transcript is plain in a pipe; the picture is in step."""
    picture = tmp_path / "demo.svg"
    done = subprocess.run(
        [sys.executable, "-m", "demo.run", "--folder", tmp_path / "demo", "--svg", picture],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "80"},
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    for step in (step for chapter in tell(find_ids()) for step in chapter.steps):
        assert f"# {step.why}\n$ {step.command}\n" in done.stdout
    for told in EXPECTED:
        assert told in done.stdout
    kept = (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8")
    assert picture.read_text(encoding="utf-8") == kept, "run `make docs`"


EXPECTED = (
    "        └── <none>  b214d1e1bd77  16.5MB\n            └── shop/job:1  d48dd7dd884a  16.6MB\n",
    "(cannot be forced) - image is being used by running container b95296ca625f on host web-2\n",
    "  container bdab3fec35ed (debug, exited) on host web-1: remove the container, or ",
    "  name shop/web:stable: remove it by this name, or use --force, which removes every name\n",
    "$ imagedb image rm --force shop/web:2.1\nUntagged: shop/web:2.1\n\n",
    " (image missing) ",
    "Untagged: shop/job:1\nDeleted: sha256:d48dd7dd884a",
    "The database is consistent.\n",
)
"""What the transcript is there to show."""


def test_demo_ends_when_a_command_ends_otherwise(tmp_path: Path) -> None:
    """A command that fails, or does not fail where it should, is not passed over."""
    demo = Demo(tmp_path, Console(file=StringIO()))
    fine = Step(why="Fine.", command="imagedb --version")
    wrong = Step(why="Refused, or so we think.", command="imagedb --version", code=1)

    assert demo.play([Chapter("One", (fine,))]) == 1
    with pytest.raises(UnexpectedEndError, match="expected exit code 1, got 0: imagedb --version"):
        demo.play([Chapter("Two", (fine, wrong))])


def test_demo_colours_lines_as_they_are() -> None:
    """Colour is added, and nothing else; markup in a name is a name."""
    for line in ("Error: no", "Untagged: [red]x", "Deleted: y", "shop/web  2.1"):
        assert styled(line).plain == line


def test_demo_images_are_the_same_everywhere() -> None:
    """IDs in documents stand on it."""
    assert {name: image_id[7:19] for name, image_id in find_ids().items()} == {
        "debian:12": "14f2182d6ada",
        "alpine:3.20": "6ede81eaf9d8",
        "python:3.12": "f8b570a28e0d",
        "redis:7": "25c7673b8fe4",
        "shop/web:2.1": "9d8d0cbb0c1e",
        "shop/web:stable": "9d8d0cbb0c1e",
        "shop/job:1": "d48dd7dd884a",
    }
    assert sum(map(len, FLEET.values())) == 9
