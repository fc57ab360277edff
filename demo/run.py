"""Show imagedb at work on a small fleet of images.

Everything happens in one folder, `.demo` unless another is given, which is made anew. The commands
are those of the installed `imagedb`, each in a process of its own; one that does not end as
expected ends the demo, with exit code 1.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from demo.hosts import HOSTS, inspect_host
from demo.layouts import find_ids, write_fleet
from demo.story import SETTINGS, Chapter, Step, tell

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / ".demo"
TEXT_WIDTH: Final = 96
PICTURE_WIDTH: Final = 126

STYLES: Final = (
    ("Error:", "bold red"),
    ("  container ", "yellow"),
    ("  name ", "yellow"),
    ("Untagged:", "yellow"),
    ("Deleted:", "magenta"),
    ("Loaded image", "green"),
)
"""How a line that begins so is shown; every other one as it is."""


class UnexpectedEndError(Exception):
    """A command did not end with the exit code that the story has for it."""


@dataclass(slots=True)
class Demo:
    """A run: where, shown to whom, and what is kept for the picture."""

    folder: Path
    console: Console
    pictured: list[Text] = field(default_factory=list)

    def play(self, chapters: Iterable[Chapter]) -> int:
        """Run every step; gives their number.

        Raises:
            UnexpectedEndError: a command ended otherwise than expected.
        """
        count = 0
        for chapter in chapters:
            self.show([Text(), Text(f"── {chapter.title} ──", "bold magenta")])
            for step in chapter.steps:
                self._play(step)
                count += 1
        return count

    def _play(self, step: Step) -> None:
        heading = [Text(), *notes(step.why), command_line(step.command)]
        self.show(heading)
        done = self._run(shlex.split(step.command))
        answer = [*map(styled, (done.stdout + (done.stderr or "")).splitlines())]
        self.show(answer)
        if step.pictured:
            self.pictured += [*heading, *answer]
        if done.returncode != step.code:
            raise UnexpectedEndError(
                f"expected exit code {step.code}, got {done.returncode}: {step.command}"
            )

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run the installed command; on a terminal it may draw its progress there."""
        draws_progress = "import" in words and sys.stderr.isatty()
        return subprocess.run(
            [_installed(words[0]), *words[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if draws_progress else subprocess.PIPE,
            cwd=self.folder,
            env=_environment(),
            encoding="utf-8",
            check=False,
        )

    def show(self, lines: Iterable[Text]) -> None:
        """Print lines as they are, however long."""
        for line in lines:
            self.console.print(line, soft_wrap=True)


def _installed(command: str) -> str:
    """Find the command beside the interpreter, as pip installs it."""
    beside = Path(sys.executable).with_name(command)
    return str(beside) if beside.exists() else command


def _environment() -> dict[str, str]:
    """Nothing of the user's settings, or their database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IMAGEDB_")}
    return {**kept, **SETTINGS, "PYTHONIOENCODING": "utf-8"}


# ── lines ─────────────────────────────────────────────────────────────────────────────────────


def notes(why: str) -> Iterator[Text]:
    """Write a sentence as a shell's comment."""
    for line in textwrap.wrap(why, TEXT_WIDTH):
        yield Text(f"# {line}", "italic cyan")


def command_line(command: str) -> Text:
    """Write a command as it is typed."""
    return Text.assemble(("$ ", "bold green"), (command, "bold"))


def styled(line: str) -> Text:
    """Colour a line of output by how it begins."""
    style = next((style for start, style in STYLES if line.startswith(start)), "")
    return Text(line.rstrip(), style)


# ── the picture ───────────────────────────────────────────────────────────────────────────────


def write_picture(path: Path, lines: Sequence[Text]) -> None:
    """Draw lines as a terminal shows them; the same lines are the same file."""
    shown = lines[1:]  # without the empty line above the first step
    recorder = Console(
        record=True,
        file=StringIO(),
        width=PICTURE_WIDTH,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
    )
    for line in shown:
        recorder.print(line)
    without_fonts = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    picture = recorder.export_svg(title="imagedb", code_format=without_fonts)
    path.write_text("\n".join(map(str.rstrip, picture.splitlines())) + "\n", encoding="utf-8")


# ── the whole ─────────────────────────────────────────────────────────────────────────────────


def prepare(folder: Path) -> None:
    """Write the archives, and what each host reports, into a new folder."""
    write_fleet(folder)
    for host in HOSTS:
        report = inspect_host(host, find_ids())
        (folder / f"{host}.json").write_text(json.dumps(report, indent=2), encoding="utf-8")


def introduce(demo: Demo) -> None:
    """Say where it happens and under which settings."""
    settings = " ".join(f"{name}={value}" for name, value in SETTINGS.items())
    folder = os.path.relpath(demo.folder)
    demo.show(
        [
            *notes("Made-up images, written as OCI image layouts: the same bytes everywhere."),
            command_line(f"cd {folder}"),
            command_line(f"export {settings}"),
        ]
    )


def run(folder: Path, picture: Path | None) -> int:
    """Play the whole story; 1 if a command ended otherwise than expected."""
    console = Console(highlight=False)
    demo = Demo(folder, console)
    prepare(folder)
    introduce(demo)
    try:
        count = demo.play(tell(find_ids()))
    except UnexpectedEndError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    if picture:
        write_picture(picture, demo.pictured)
    demo.show([Text(), Text(f"All {count} commands ended as expected.", "bold green")])
    return 0


def main() -> int:
    """Read the options, make the folder anew, and run."""
    parser = argparse.ArgumentParser(prog="demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a new folder to work in (default: .demo)")
    parser.add_argument("--svg", type=Path, help="write the picture of it to this file")
    options = parser.parse_args()
    if options.folder and options.folder.exists():
        parser.error(f"{options.folder} exists already")
    if not options.folder:
        shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        return run(options.folder or FOLDER, options.svg)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
