"""Section 6 of the semantics: what a prune takes, in which order, and what it tells."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from imagedb.digests import ImageID
from imagedb.records import Record
from imagedb.references import Reference, parse_reference
from tests.model.deleting import delete_whole, untag
from tests.model.stores import Asking, Store


@dataclass(frozen=True)
class Wanted:
    """What is asked for; patterns have no sign but `*`."""

    dangling: bool = True
    labels: tuple[tuple[str, str | None, bool], ...] = ()
    """Key, value if it matters, and whether it must be there."""
    patterns: tuple[str, ...] = ()
    is_of_any_age: bool = True


def prune(
    store: Store, asking: Asking, wanted: Wanted, only: Collection[str] | None = None
) -> list[Record]:
    """Take what nobody needs; with `only`, of these images."""
    records: list[Record] = []
    for image in _in_order(store, wanted):
        names = store.names_of(image)
        going = [name for name in names if _may_go(name, wanted)]
        if (only is not None and image not in only) or not _passes(store, image, wanted):
            continue
        if len(going) < len(names):
            records += untag(store, asking, image, going)
        elif names or not wanted.patterns:
            told_as = names[-1].familiar if names else ""
            records += delete_whole(store, asking, image, told_as=told_as)
    return records


def _in_order(store: Store, wanted: Wanted) -> Iterable[ImageID]:
    """By the first name that may go; then those without a name."""
    named = [
        store.names[name] for name in sorted(store.names) if _may_go(parse_reference(name), wanted)
    ]
    return [
        *dict.fromkeys(named),
        *(image for image in sorted(store.images) if store.is_dangling(image)),
    ]


def _passes(store: Store, image: ImageID, wanted: Wanted) -> bool:
    if store.users(image) or not wanted.is_of_any_age:
        return False
    if wanted.dangling and not store.is_dangling(image):
        return False
    configs = [member.labels for member in store.images[image].standing]
    return not wanted.labels or any(
        all(
            (key in labels and value in {None, labels[key]}) == is_wanted
            for key, value, is_wanted in wanted.labels
        )
        for labels in configs
    )


def _may_go(name: Reference, wanted: Wanted) -> bool:
    texts = (name.familiar, name.familiar_repository, str(name), name.repository)
    expressions = ["[^/]*".join(map(re.escape, pattern.split("*"))) for pattern in wanted.patterns]
    return not expressions or any(re.fullmatch(e, text) for e in expressions for text in texts)
