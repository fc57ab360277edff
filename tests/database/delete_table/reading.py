"""Read the table of deletes: situations, and what must come of them, as people wrote them down.

::

    beside IMAGE...      the other images: layers, then `=name` and `+containers`; `arm64/ab` is of
                         linux/arm64, `()` has no layers, `ab#1` has a lower ID than `ab#2`
    holds MANIFEST...    the manifests of the image; `absent:` is named and was never brought
    caller HOST          where the caller is: `here`, `other` or `nowhere`
    == NAME...           a block: the names of the image
    given | [platforms |] containers | force | prune | what happens

A directive holds until the next of its kind. Cells list alternatives, and every combination of them
is a case; `any` is both yes and no. Containers: `exited/arm64+running@other` is two, the older one
c1, the younger one c2 on the other host; `=` instead of `+` makes them of one age. `mount-running`
mounts the image, `both-running` was created from it and mounts it.

What happens: records (`untag NAME`, `drop PLATFORM`, `delete`, `delete PARENT`) divided by commas,
or conflicts (`hard ID running c1`, `soft NAME stopped c2@other`, `soft ID several NAME`) divided by
semicolons, or `no image`, `no platform P of NAME`, `force needed`.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
FILES: Final = ("by_name", "by_id", "by_repository", "pruning", "platforms", "callers")
_COLUMNS: Final = 5
"""Without platforms."""
_IMAGE: Final = re.compile(r"([^=+]+)(?:=([^+]+))?(?:\+(.+))?")


@dataclass(frozen=True, slots=True)
class Using:
    """A container of an image."""

    name: str
    kind: str
    """Empty, `mount`, or `both`."""
    state: str
    platform: str
    host: str
    age: int
    """0 is the oldest."""
    rank: int
    """Among those of its age."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another image: a word for it, its name if it has one, its containers."""

    word: str
    name: str
    containers: tuple[Using, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is around a case."""

    beside: tuple[Other, ...] = ()
    holds: tuple[str, ...] = ("amd64/abcd",)
    caller: str = "here"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A delete to be done, and what must happen."""

    place: str
    setting: Setting
    given: str
    platforms: tuple[str, ...]
    containers: str
    force: bool
    prune: bool
    outcome: str

    def __str__(self) -> str:
        flags = ("--force",) * self.force + ("--no-prune",) * (not self.prune)
        platforms = (f"--platform {platform}" for platform in self.platforms)
        words = (self.given, *flags, *platforms, "containers:", self.containers)
        return f"{self.place}: {' '.join(self.setting.names)}: rm {' '.join(words)}"


@dataclass(frozen=True, slots=True)
class Block:
    """The cases of some names; they share a database, each in a namespace of its own."""

    title: str
    cases: tuple[Case, ...]


def read_tables() -> list[Block]:
    """All blocks of all files."""
    return [block for name in FILES for block in _blocks(name)]


def _blocks(name: str) -> Iterator[Block]:
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    setting = Setting()
    title, cases = "", list[Case]()
    for number, line in enumerate(lines, 1):
        place = f"{name}:{number}"
        if line.startswith("== "):
            if cases:
                yield Block(title, tuple(cases))
            setting = replace(setting, names=_names(line))
            title, cases = f"{place} {line.removeprefix('== ')}", []
        elif "|" in line and not line.startswith("#"):
            cases += _cases(place, setting, [cell.strip() for cell in line.split("|")])
        elif line and not line.startswith("#"):
            word, *tokens = line.split()
            setting = _directed(setting, word, tokens)
    yield Block(title, tuple(cases))


def _names(line: str) -> tuple[str, ...]:
    return tuple(name for name in line.split()[1:] if name != "-")


def _directed(setting: Setting, word: str, tokens: list[str]) -> Setting:
    if word == "beside":
        return replace(setting, beside=tuple(_others(tokens)))
    if word == "holds":
        return replace(setting, holds=tuple(tokens))
    if word == "caller" and len(tokens) == 1:
        return replace(setting, caller=tokens[0])
    raise ValueError(f"{word} is no word of the table")


def _others(tokens: Iterable[str]) -> Iterator[Other]:
    for position, token in enumerate(tokens):
        found = _IMAGE.fullmatch(token)
        if found is None:
            raise ValueError(f"{token} is no image")
        word, name, containers = found.groups(default="")
        yield Other(word, name, tuple(read_containers(containers, first=10 + position)))


def _cases(place: str, setting: Setting, cells: list[str]) -> Iterator[Case]:
    given, *platforms, containers, force, prune, outcome = cells
    if len(cells) - len(platforms) != _COLUMNS:
        raise ValueError(f"{place} has {len(cells)} cells")
    for one in itertools.product(
        given.split(),
        [tuple(some.split(",")) for cell in platforms for some in cell.split()] or [()],
        containers.split(),
        _flags(force),
        _flags(prune),
    ):
        yield Case(place, setting, *one, outcome)


def _flags(cell: str) -> Iterable[bool]:
    return {"any": (False, True), "yes": (True,), "no": (False,)}[cell]


def read_containers(text: str, *, first: int = 1) -> Iterator[Using]:
    """Read `exited/arm64@other+mount-running`; their names are numbered from `first`."""
    if text in {"", "none"}:
        return
    ages = [same.split("=") for same in text.split("+")]
    words = [(word, age, rank) for age, same in enumerate(ages) for rank, word in enumerate(same)]
    for number, (word, age, rank) in enumerate(words, first):
        what, _, host = word.partition("@")
        what, _, platform = what.partition("/")
        kind, _, state = what.rpartition("-")
        yield Using(f"c{number}", kind, state, platform or "amd64", host or "here", age, rank)
