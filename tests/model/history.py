"""The invariants, proven from what callers were told and what they read, not from the model.

It keeps the images that loads told of and deletes did not take back, and from them alone says
which content is used.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from imagedb.digests import ImageID
from imagedb.records import (
    Container,
    Event,
    ImageHold,
    ImageSummary,
    Record,
    Release,
    SourceImage,
    Untagged,
)
from tests.model.images import Content, StoredImage


@dataclass(frozen=True)
class Seen:
    """What a caller reads of a namespace."""

    images: dict[ImageID, ImageSummary]
    containers: tuple[Container, ...]
    releases: tuple[Release, ...]
    holds: tuple[ImageHold, ...]


@dataclass
class History:
    """What callers of a namespace were told so far."""

    images: dict[ImageID, StoredImage] = field(default_factory=dict)
    unused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often content became unused."""
    released: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a release of it appeared."""

    def loaded(self, sources: Iterable[SourceImage], before: Seen, after: Seen) -> None:
        """A load was told of."""
        for source in sources:
            if source.id in self.images:
                self.images[source.id].complete(source)
            else:
                self.images[source.id] = StoredImage.of(source)
        self._check_releases(before, after, lost={})

    def deleted(
        self, records: Sequence[Record], events: Sequence[Event], before: Seen, after: Seen
    ) -> None:
        """A delete was told of."""
        used = self._used()
        check_records_have_events(records, events)
        check_events_are_seen(events, before, after)
        check_nothing_runs_without_image(before, after)
        for event in events:
            if "image" in event.attributes:
                self.images[ImageID(event.attributes["image"])].drop([event.actor_id])
        for image in deleted_images(events):
            del self.images[image]
        still = self._used()
        lost = {key: facts for key, facts in used.items() if key not in still}
        self._check_releases(before, after, lost=lost)

    def nothing_left(self, before: Seen, after: Seen) -> None:
        """Something else was told of: no image leaves, no content is let go (I3, I4)."""
        assert before.images.keys() <= after.images.keys()
        self._check_releases(before, after, lost={})

    def _used(self) -> Content:
        used: Content = {}
        for image in self.images.values():
            used |= image.content()
        return used

    def _check_releases(self, before: Seen, after: Seen, *, lost: Content) -> None:
        """I4: content is released once each time it becomes unused, and is then not used."""
        new = set(after.releases) - set(before.releases)
        appeared = Counter((release.kind, str(release.digest)) for release in new)
        self.released += appeared
        self.unused += Counter({(kind, str(digest)): 1 for kind, digest in lost})
        assert len(set(after.releases)) == len(after.releases)
        assert self.released == self.unused
        used = self._used()
        assert not [r for r in after.releases if (r.kind, str(r.digest)) in used]


def check_records_have_events(records: Sequence[Record], events: Sequence[Event]) -> None:
    """I5: each record has its event, in the same order."""
    named = [
        ("untag", record.name) if isinstance(record, Untagged) else ("delete", str(record.digest))
        for record in records
    ]
    told = [(e.action, e.name if e.action == "untag" else e.actor_id) for e in events]
    assert told == named


def deleted_images(events: Sequence[Event]) -> set[ImageID]:
    """What left as an image; the manifest of a platform may be an image elsewhere."""
    deletes = [event for event in events if event.action == "delete"]
    return {ImageID(e.actor_id) for e in deletes if "image" not in e.attributes}


def check_events_are_seen(events: Sequence[Event], before: Seen, after: Seen) -> None:
    """I3, I7: what left was told, and what was told has left."""
    assert before.images.keys() - after.images.keys() == deleted_images(events)
    for event in events:
        if event.action == "untag":
            image = after.images.get(ImageID(event.actor_id))
            assert image is None or event.name not in image.names


def check_nothing_runs_without_image(before: Seen, after: Seen) -> None:
    """I2: what a running container had, it still has."""
    now = {(each.host, each.id): each for each in after.containers}
    for old in before.containers:
        new = now[old.host, old.id]
        assert new.state == old.state
        if not new.is_running:
            continue
        assert new.is_image_missing == old.is_image_missing
        assert new.mounts == old.mounts
        image = ImageID(str(old.image_digest))
        if image in after.images and old.platform in before.images[image].platforms:
            assert old.platform in after.images[image].platforms
