"""What has changed since a plan was made, fact by fact, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from imagedb.digests import SHORT_LENGTH, ImageID
from imagedb.plan_documents import ContainerFact, ContentFact, ImageFacts
from imagedb.references import familiar
from imagedb.times import format_utc


@dataclass(frozen=True, slots=True)
class _Fact:
    """Something that may come, go, or change in some of its values."""

    shown: str
    values: Mapping[str, object]


_Facts = dict[object, _Fact]
"""By what is the same while it changes, in the order of the document."""
_STATES: Final = {
    "is_dangling": "dangling",
    "is_used": "used by a container",
    "is_held": "held",
    "is_host_stale": "on a stale host",
    "is_mount": "mounting the image",
}


def find_differences(before: ImageFacts, now: ImageFacts) -> Iterator[str]:
    """Tell each difference of an image; none if it is as it was."""
    if before.id != now.id:
        yield f"it names image {_short(now.id)} now, not {_short(before.id)}"
        return
    if before.entered != now.entered:
        yield "the image was deleted and stored again"
    old, new = _facts(before), _facts(now)
    yield from (f"{fact.shown} is gone" for key, fact in old.items() if key not in new)
    yield from (f"{fact.shown} is new" for key, fact in new.items() if key not in old)
    for key in old:
        if key in new:
            yield from _changes(old[key], new[key])


def find_content_differences(
    before: Iterable[ContentFact], now: Iterable[ContentFact]
) -> Iterator[str]:
    """Tell which content would be freed now and was not to be, and the other way round."""
    old, new = ({(one.kind, one.digest) for one in facts} for facts in (before, now))
    for kind, digest in sorted(old - new):
        yield f"{kind} {digest} would not be freed any more"
    for kind, digest in sorted(new - old):
        yield f"{kind} {digest} would be freed too"


def _facts(facts: ImageFacts) -> _Facts:
    found: _Facts = {
        ("name", name): _Fact(f"name {familiar(name)}", {}) for name in facts.references
    }
    for use in facts.containers:
        found["container", use.id, use.host] = _Fact(_shown(use), use.model_dump())
    for hold in facts.holds:
        shown = f"hold {hold.number} by {hold.who}"
        found["hold", hold.number] = _Fact(shown, hold.model_dump())
    for manifest in facts.manifests:
        shown = f"platform {manifest.platform or _short(manifest.digest)}"
        found["platform", manifest.digest] = _Fact(shown, manifest.model_dump())
    for parent in facts.parents:
        found["parent", parent.id] = _Fact(f"parent {_short(parent.id)}", parent.model_dump())
    return found


def _shown(use: ContainerFact) -> str:
    return f"container {use.id[:SHORT_LENGTH]} ({use.name}) on host {use.host}"


def _short(image: str) -> str:
    return ImageID(image).short


def _changes(before: _Fact, now: _Fact) -> Iterator[str]:
    for name, was in before.values.items():
        value = now.values[name]
        if value == was:
            continue
        if name in _STATES:
            state = f"{_STATES[name]} now" if value else f"not {_STATES[name]} any more"
            yield f"{before.shown} is {state}"
        else:
            yield f"{before.shown}: {name} was {_said(was)}, is {_said(value)}"


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return format_utc(value)
    return "not known" if value is None else str(value)
