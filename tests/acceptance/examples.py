"""Run the shell examples of a document: what follows `$ ` is run, what follows it is compared.

Only blocks marked `console` are examples. What differs from run to run is not compared: moments,
ages, the schema's revision, and the IDs of containers and claims, which must only be the same
throughout.
Columns may be wider where such a value is longer.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ID = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{12})\b")
_VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*"), "MOMENT"),
    (
        re.compile(
            r"About an? \w+|Less than a second|\d+ (?:second|minute|hour|day|week|month|year)s?"
        ),
        "AGE",
    ),
    (re.compile(r"(?<=revision )\d{4}|(?<=needs )\d{4}|(?<=^database: )\d{4}"), "REVISION"),
    (re.compile(r"(?<=^imagedb:  )\d{4}"), "REVISION"),
    (re.compile(r" {2,}"), "  "),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A command and the lines that the document says it prints."""

    place: str
    command: str
    expected: tuple[str, ...]


def list_examples(document: Path) -> Iterator[Example]:
    """Give the examples of a document in their order."""
    text = document.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1)) + 1
        lines = block[1].splitlines()
        starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            place = f"{document.name}:{first + start}"
            yield Example(place, lines[start].removeprefix("$ "), tuple(lines[start + 1 : end]))


@dataclass(slots=True)
class Shell:
    """A reader's shell: a folder, an environment that `export` changes, and the IDs met so far."""

    folder: Path
    environment: dict[str, str]
    fixed_ids: frozenset[str]
    """IDs that must be those of the document."""
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    """What the document calls something, and what it is here."""
    ids: dict[str, str] = field(default_factory=dict)
    """IDs of the document, and those they are here."""

    def run(self, example: Example) -> None:
        """Run an example; a test fails where it prints something else."""
        if example.command.startswith("export "):
            name, _, value = example.command.removeprefix("export ").partition("=")
            self.environment[name] = self.stand_ins.get(value, value)
            return
        done = subprocess.run(
            ["/bin/sh", "-c", example.command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        printed = [self._as_documented(line) for line in done.stdout.splitlines()]
        if not self._is_alike(example.expected, printed):
            shown = "\n".join(printed)
            pytest.fail(f"{example.place}: {example.command}\nprints\n{shown}")
        if done.returncode and "Error: " not in done.stdout:
            pytest.fail(f"{example.place}: {example.command} ends with {done.returncode}")

    def _as_documented(self, line: str) -> str:
        for documented, here in self.stand_ins.items():
            line = line.replace(here, documented)
        return line

    def _is_alike(self, expected: tuple[str, ...], printed: list[str]) -> bool:
        if len(expected) != len(printed):
            return False
        for told, line in zip(expected, printed, strict=True):
            self._meet(_ID.findall(told), _ID.findall(line))
        return [_steady(self._with_ids(line)) for line in expected] == [*map(_steady, printed)]

    def _meet(self, documented: list[str], printed: list[str]) -> None:
        """Take new IDs for those of the document, where they may differ."""
        for told, here in zip(documented, printed, strict=False):
            if told not in self.fixed_ids and here not in self.fixed_ids:
                self.ids.setdefault(told, here)
                self.ids.setdefault(told[:12], here[:12])

    def _with_ids(self, line: str) -> str:
        return _ID.sub(lambda match: self.ids.get(match[0], match[0]), line)


def _steady(line: str) -> str:
    for pattern, stand_in in _VARYING:
        line = pattern.sub(stand_in, line)
    return line.rstrip()
