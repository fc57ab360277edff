"""docker's filters of images: how they are written, and which images pass.

::

    dangling=true|false     label=KEY[=VALUE]       label!=KEY[=VALUE]
    until=MOMENT            reference=PATTERN

Several moments and labels must all hold; of several patterns one must match. Labels are those of
the configs: it is enough if one present platform passes them all.

Source: moby, daemon/containerd/image_prune.go and image_list.go; Go's `path.Match`.
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from imagedb.errors import InvalidInputError
from imagedb.references import Reference

Filters = Mapping[str, Sequence[str]]
"""As docker's API has them: the values by the filter's name."""

_YES: Final = frozenset({"1", "true"})
_NO: Final = frozenset({"0", "false"})


@dataclass(frozen=True, slots=True)
class LabelTest:
    """A label that must be there, or must not."""

    key: str
    value: str | None
    is_wanted: bool

    def accepts(self, labels: Mapping[str, str]) -> bool:
        """Whether a config's labels pass."""
        found = self.key in labels and self.value in {None, labels[self.key]}
        return found is self.is_wanted


@dataclass(frozen=True, slots=True)
class PruneFilters:
    """Which images a prune looks at."""

    dangling: bool = True
    """Only images without a name."""
    until: tuple[datetime, ...] = ()
    """They entered the namespace before all of these."""
    labels: tuple[LabelTest, ...] = ()
    references: tuple[str, ...] = ()
    """Patterns of the names that may go."""
    typed: tuple[tuple[datetime, str], ...] = field(default=(), compare=False)
    """Moments of `until` as somebody typed them: a duration is another moment each time."""

    def accepts(self, entered: datetime, labels: Iterable[Mapping[str, str]]) -> bool:
        """Whether an image passes, by its moment and the labels of each present platform."""
        if any(entered >= moment for moment in self.until):
            return False
        return not self.labels or any(
            all(test.accepts(config) for test in self.labels) for config in labels
        )

    def names_to_remove(self, references: Sequence[Reference]) -> tuple[Reference, ...]:
        """Those of an image's names that may go, in the same order."""
        if not self.references:
            return tuple(references)
        patterns = [compile_pattern(pattern) for pattern in self.references]
        return tuple(name for name in references if matches_any(name, patterns))


def parse_prune_filters(filters: Filters, read_moment: Callable[[str], datetime]) -> PruneFilters:
    """Read what was asked for.

    Raises:
        InvalidInputError: a filter that prune does not know, or a value that it cannot have.
    """
    known = {"dangling", "until", "label", "label!", "reference"}
    for name in sorted(filters.keys() - known):
        raise InvalidInputError(f"invalid filter '{name}'")
    for pattern in filters.get("reference", ()):
        compile_pattern(pattern)
    found = PruneFilters(
        dangling=parse_flag("dangling", filters.get("dangling"), default=True),
        until=tuple(read_until(value, read_moment) for value in filters.get("until", ())),
        labels=parse_labels(filters),
        references=tuple(filters.get("reference", ())),
    )
    return replace(found, typed=tuple(zip(found.until, filters.get("until", ()), strict=True)))


def split_filters(texts: Iterable[str]) -> dict[str, list[str]]:
    """Gather `--filter NAME=VALUE` by name.

    Raises:
        InvalidInputError: one has no `=`.
    """
    found: dict[str, list[str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InvalidInputError(f"invalid filter {text[:80]!r}: expected NAME=VALUE")
        found.setdefault(name.strip().lower(), []).append(value.strip())
    return found


def parse_flag(name: str, values: Sequence[str] | None, *, default: bool) -> bool:
    """Read a filter that is true or false; several values must agree, none is none of them."""
    if values is None:
        return default
    if values and set(values) <= _YES:
        return True
    if values and set(values) <= _NO:
        return False
    raise InvalidInputError(f"invalid filter '{name}=[{' '.join(values)[:80]}]'")


def parse_labels(filters: Filters) -> tuple[LabelTest, ...]:
    """Read the tests of labels; `label=KEY!=VALUE` is `label!=KEY=VALUE`."""
    return (
        *(_label_test(text, is_wanted=True) for text in filters.get("label", ())),
        *(_label_test(text, is_wanted=False) for text in filters.get("label!", ())),
    )


def _label_test(text: str, *, is_wanted: bool) -> LabelTest:
    key, equals, value = text.partition("=")
    if is_wanted and equals and key.endswith("!"):
        return LabelTest(key[:-1], value, is_wanted=False)
    return LabelTest(key, value if equals else None, is_wanted=is_wanted)


def read_until(value: str, read_moment: Callable[[str], datetime]) -> datetime:
    """Read a moment of the filter `until`."""
    try:
        return read_moment(value)
    except InvalidInputError as error:
        raise InvalidInputError(f"invalid value for 'until' filter: {error}") from None


# ── patterns of names ─────────────────────────────────────────────────────────────────────────


def matches_any(reference: Reference, patterns: Iterable[re.Pattern[str]]) -> bool:
    """Whether one of the patterns matches the name, familiar or whole, with its tag or without.

    Source: distribution/reference, `FamiliarMatch`; moby, daemon/containerd/image_list.go.
    """
    forms = (
        reference.familiar,
        reference.familiar_repository,
        str(reference),
        reference.repository,
    )
    return any(pattern.fullmatch(form) for pattern in patterns for form in forms)


@functools.lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""Translate a pattern of Go's `path.Match`: `*`, `?`, `[a-z]`, `[^a]`, `\` before a sign.

    `*` and `?` stand for no slash. As in Go a `*` takes as little as what follows it up to the
    next one needs, and what was taken stays taken: no name takes long to be matched.

    Raises:
        InvalidInputError: it is malformed.
    """
    first, *others = _parts(pattern)
    taken = [f"(?>[^/]*?{part})" for part in others[:-1]]
    last = [f"[^/]*?{part}" for part in others[-1:]]
    return re.compile("".join([first, *taken, *last]), re.DOTALL)


_SIGN: Final = re.compile(
    r"(?P<stars>\*+)|(?P<one>\?)|\[(?P<not>\^|(?!\^))(?P<set>(?:\\.|[^\]\\])+)\]|"
    r"(?P<itself>\\.|[^\[\\])",
    re.DOTALL,
)
_RANGE: Final = re.compile(r"(\\.|[^\\-])(?:-(\\.|[^\\-]))?", re.DOTALL)


def _parts(pattern: str) -> list[str]:
    """What stands before the first `*`, and behind each, as regular expressions."""
    parts = [""]
    end = 0
    while end < len(pattern):
        sign = _SIGN.match(pattern, end)
        if sign is None:
            raise _malformed(pattern)
        end = sign.end()
        if sign["stars"]:
            parts.append("")
        else:
            parts[-1] += _translate(pattern, sign)
    return parts


def _translate(pattern: str, sign: re.Match[str]) -> str:
    """Translate what stands for one character."""
    if sign["one"]:
        return "[^/]"
    if sign["itself"]:
        return re.escape(sign["itself"][-1])
    ranges = "".join(_ranges(pattern, sign["set"]))
    if ranges:
        return f"[{sign['not']}{ranges}]"
    never, anything = "(?!)", "."
    return anything if sign["not"] else never


def _ranges(pattern: str, text: str) -> Iterable[str]:
    end = 0
    while end < len(text):
        part = _RANGE.match(text, end)
        if part is None:
            raise _malformed(pattern)
        end = part.end()
        low, high = part[1][-1], (part[2] or part[1])[-1]
        if low <= high:  # Go's empty range matches nothing
            yield f"{re.escape(low)}-{re.escape(high)}"


def _malformed(pattern: str) -> InvalidInputError:
    return InvalidInputError(f"invalid filter 'reference={pattern[:80]}': syntax error in pattern")
