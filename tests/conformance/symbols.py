"""Records know no digest, no ID and no time of the day: each has a word that stands for it.

`<img:base>` is a digest, `<short12:img:base>` its first 12 digits, `<ctr:c1>` a container's ID,
`<absent>` the digest of zeros; times of the run are `<time>` and `<now>`. A size is `>0`, 0 or -1.
"""

import re
from typing import Any, Final

SIZES: Final = frozenset(
    "Size VirtualSize SharedSize SpaceReclaimed LayersSize TotalSize Reclaimable Content Unpacked "
    "Total SizeRw SizeRootFs".split()
)
UNTOLD: Final = frozenset(
    "GraphDriver Identity Container ContainerConfig execDuration DockerVersion".split()
)
"""What engines say of themselves, and not of images."""
_YEAR_OF_RUN: Final = r"20(?:2[4-9]|[3-9]\d)"
_TIME: Final = re.compile(
    rf"\b{_YEAR_OF_RUN}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
)
_DIGEST: Final = re.compile(r"(sha256:)?\b([0-9a-f]{64})\b")
_SHORT: Final = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{12}(?![0-9a-zA-Z])")
_FIRST_SECOND_OF_RUN: Final = 1_700_000_000
"""Images of the scenarios are older."""


class Symbols:
    """The words of one scenario."""

    def __init__(self) -> None:
        self._names = {"0" * 64: "absent"}
        self._short: dict[str, str] = {}
        self._unknown: dict[str, str] = {}

    def add(self, digest: str, name: str) -> None:
        """Let a name stand for a digest or an ID; the last one counts."""
        self._names[digest.rpartition(":")[2]] = name

    def add_short(self, digits: str, symbol: str) -> None:
        """Let a symbol stand for some digits."""
        self._short[digits] = symbol

    def name_of(self, digest: str) -> str:
        """The name of a digest, `?` without one."""
        return self._names.get(digest.rpartition(":")[2], "?")

    def text(self, text: str) -> str:
        """Put words for everything that another run would call otherwise."""
        text = _DIGEST.sub(self._whole, text)
        for digits in sorted(self._short, key=len, reverse=True):
            pattern = rf"(?<![0-9a-f]){digits}(?![0-9a-f])"
            text = re.sub(pattern, self._short[digits], text)
        return _TIME.sub("<time>", _SHORT.sub(self._shortened, text))

    def _whole(self, match: re.Match[str]) -> str:
        digits = match[2]
        number = len(self._unknown) + 1
        name = self._names.get(digits) or self._unknown.setdefault(digits, f"unknown:{number}")
        return f"<{name}>" if match[1] or name.startswith("ctr:") else f"<hex:{name}>"

    def _shortened(self, match: re.Match[str]) -> str:
        names = (name for digits, name in self._names.items() if digits.startswith(match[0]))
        return f"<short12:{next(names, '?')}>"

    def value(self, value: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON
        """The same for a whole document."""
        if isinstance(value, dict):
            kept = {name: one for name, one in value.items() if name not in UNTOLD}
            return {self.text(name): self.value(one, name) for name, one in kept.items()}
        if isinstance(value, list):
            return [self.value(one, key) for one in value]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _number(value, key)
        return value


def _number(value: float, key: str) -> object:
    if key in SIZES:
        return ">0" if value > 0 else value
    return "<now>" if key == "Created" and value > _FIRST_SECOND_OF_RUN else value
