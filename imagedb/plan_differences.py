"""What has changed since a plan was made, fact by fact, in words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from imagedb.plan_documents import ContentFact, ImageFacts

Facts = Mapping[str, Mapping[str, Any]]
"""By what is the same while it changes."""


def find_differences(before: ImageFacts, now: ImageFacts) -> Iterator[str]:
    """Tell each difference of an image; none if it is as it was."""
    if before.id != now.id:
        yield f"it names image {now.id} now, not {before.id}"
        return
    if before.entered != now.entered:
        yield "the image was deleted and stored again"
    yield from _compare("name", _by(before.references), _by(now.references))
    yield from _compare("container", _containers(before), _containers(now))
    yield from _compare("hold", _keyed(before.holds, "number"), _keyed(now.holds, "number"))
    yield from _compare(
        "platform", _keyed(before.manifests, "digest"), _keyed(now.manifests, "digest")
    )
    yield from _compare("parent", _keyed(before.parents, "id"), _keyed(now.parents, "id"))


def find_content_differences(
    before: Iterable[ContentFact], now: Iterable[ContentFact]
) -> Iterator[str]:
    """Tell which content would be freed now and was not to be, and the other way round."""
    old, new = ({(one.kind, one.digest) for one in facts} for facts in (before, now))
    for kind, digest in sorted(old - new):
        yield f"{kind} {digest}: it would not be freed any more"
    for kind, digest in sorted(new - old):
        yield f"{kind} {digest}: it would be freed too"


def _compare(word: str, before: Facts, now: Facts) -> Iterator[str]:
    for key in sorted(before.keys() - now.keys()):
        yield f"{word} {key} is gone"
    for key in sorted(now.keys() - before.keys()):
        yield f"{word} {key} is new"
    for key in sorted(before.keys() & now.keys()):
        for fact, was in before[key].items():
            if now[key][fact] != was:
                yield f"{word} {key}: {fact} was {was}, is {now[key][fact]}"


def _containers(facts: ImageFacts) -> Facts:
    return {f"{one.id} on host {one.host}": one.model_dump() for one in facts.containers}


def _keyed(facts: Iterable[BaseModel], key: str) -> Facts:
    return {str(getattr(one, key)): one.model_dump() for one in facts}


def _by(names: Iterable[str]) -> Facts:
    return {name: {} for name in names}
