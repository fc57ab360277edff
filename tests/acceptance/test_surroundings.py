"""Pipes, terminals, languages: what is around a command."""

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.acceptance.conftest import Command
from tests.builders.archives import write_layout
from tests.builders.images import an_image


def run_on_terminal(imagedb: Command, *arguments: str) -> tuple[int, str, str]:
    """Run the command with a terminal as its standard error; give what both outputs got."""
    ours, theirs = pty.openpty()
    settings = termios.tcgetattr(theirs)
    settings[1] &= ~termios.OPOST  # line feeds as they are written
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    environment = imagedb.environment | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [imagedb.path, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd=imagedb.folder,
        env=environment,
    ) as process:
        os.close(theirs)
        shown = _read_terminal(ours)
        out = process.stdout.read().decode() if process.stdout else ""
    return process.returncode, out, shown


def _read_terminal(handle: int) -> str:
    shown = b""
    while True:
        try:
            chunk = os.read(handle, 65536)
        except OSError:  # Linux's end of a terminal
            chunk = b""
        if not chunk:
            os.close(handle)
            return shown.decode()
        shown += chunk


def test_import_on_a_terminal_shows_progress(imagedb: Command) -> None:
    """Bytes and layers, on standard error; the path is escaped, and the answer stays clean."""
    write_layout(imagedb.folder / "a[red]\x07pp", [(an_image("abcdefgh"), ["app:1"])])

    code, out, shown = run_on_terminal(imagedb, "image", "import", "a[red]\x07pp")

    assert (code, out) == (0, "Loaded image: app:1\n")
    assert r"verifying a[red]\x07pp" in shown
    assert "\x07" not in shown
    assert "layer 8/8" in shown


def test_import_elsewhere_shows_no_progress(imagedb: Command) -> None:
    """A log gets no bars."""
    write_layout(imagedb.folder / "x", [(an_image("abc"), ["app:1"])])

    assert imagedb("image", "import", "x").err == ""


def test_load_from_a_terminal_is_refused(imagedb: Command) -> None:
    """Nobody types an archive."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [imagedb.path, "image", "load"],
        stdin=theirs,
        capture_output=True,
        text=True,
        env=imagedb.environment,
        check=False,
    )
    os.close(ours)
    os.close(theirs)

    assert done.returncode == 1
    assert done.stderr == (
        "Error: requested load from stdin, but stdin is a terminal: use --input\n"
    )


def test_reader_that_goes_away_is_quiet(imagedb: Command) -> None:
    """`imagedb ... | head` ends as other commands do, without a word."""
    world = imagedb.world
    for number in range(10):
        world.add(an_image("a", Cmd=[str(number)]), *(f"app:{number}.{n}" for n in range(300)))
    process = imagedb.start("image", "ls")
    assert process.stdout is not None
    assert process.stderr is not None

    first = process.stdout.readline()
    process.stdout.close()
    complaint = process.stderr.read()

    assert first.startswith(b"REPOSITORY")
    assert (process.wait(timeout=60), complaint) == (141, b"")
    for stream in (process.stdin, process.stderr):
        assert stream is not None
        stream.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_one_line(imagedb: Command) -> None:
    """A full disk is told, without a traceback."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [imagedb.path, "image", "ls"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=imagedb.environment,
            check=False,
        )

    assert (done.returncode, done.stderr) == (1, "Error: No space left on device\n")


def test_argument_that_is_no_text_is_refused(imagedb: Command) -> None:
    """Bytes that are not UTF-8 reach no database."""
    done = subprocess.run(
        [imagedb.path, "container", "start", b"\xff"],
        capture_output=True,
        text=True,
        env=imagedb.environment,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == (
        "Error: what was given cannot be stored: '\\xff' is no UTF-8 text; give it in UTF-8\n"
    )


def test_version_is_shown_in_no_time(bare: Command) -> None:
    """It needs no database, and makes none."""
    done = bare("--version")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("imagedb 0.")
    assert not Path(bare.environment["HOME"], ".local").exists()


def test_module_is_the_command(imagedb: Command) -> None:
    """`python -m imagedb` is the same, with the same exit codes."""
    done = subprocess.run(
        [sys.executable, "-m", "imagedb", "image", "inspect", "nope"],
        capture_output=True,
        text=True,
        env=imagedb.environment,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "[]\n")
    assert done.stderr == "Error: No such image: nope:latest\n"
