"""What is done does not depend on who reads about it."""

import subprocess
from pathlib import Path

import pytest

from tests.acceptance.conftest import Command
from tests.builders.archives import write_layout
from tests.builders.images import an_image

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_output_that_fails_stops_no_argument(imagedb: Command, tmp_path: Path) -> None:
    """Both images go, though nothing can be told; the code says that something failed."""
    layout = tmp_path / "two.oci"
    write_layout(layout, [(an_image("a"), ["one:1"]), (an_image("b"), ["two:1"])])
    assert imagedb("image", "import", str(layout)).code == 0

    with FULL.open("w") as full:
        command = [str(imagedb.path), "image", "rm", "one:1", "two:1"]
        done = subprocess.run(command, check=False, stdout=full, env=imagedb.environment)

    assert done.returncode == 1
    assert imagedb("image", "ls", "-q").out == ""
