"""Carrying plans out: the same for a delete, for a batch of a prune, for a plan from a file.

A plan was made under locks on all the images that it changes, in the same transaction. Every
change checks its count of rows against it. The number of statements does not depend on how many
images, names or containers there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from imagedb.content import let_go, let_go_manifests
from imagedb.database import StartOver
from imagedb.events import NewEvent, add_events
from imagedb.inspection import Description, Held, describe_images, update_summary
from imagedb.plans import ManifestFacts, Plan
from imagedb.records import Caller, Image, Namespace
from imagedb.sql import containers as containers_sql
from imagedb.sql import images as images_sql
from imagedb.sql import references as references_sql


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """An image and what is to become of it."""

    image: Image
    plan: Plan
    held: Held
    """What it and its parents that go hold."""
    is_used: bool
    """Containers use it: those that let it go lose their link."""

    @property
    def deleted(self) -> tuple[int, ...]:
        """The images that go, by number."""
        own = (self.image.key,) if self.plan.deletes_image else ()
        return (*own, *(parent.key for parent in self.plan.pruned))


def apply_plans(
    connection: Connection, namespace: Namespace, caller: Caller, planned: Sequence[PlannedImage]
) -> None:
    """Carry out plans without conflicts, and write their events in the order of their records.

    Raises:
        StartOver: something was not as planned.
    """
    deleted = [key for one in planned for key in one.deleted]
    touched = {one.image.key for one in planned}.union(deleted)
    held = {key: manifests for one in planned for key, manifests in one.held.items()}
    described = describe_images(connection, touched, defaultdict(tuple, held), caller.platform)
    for one in planned:
        if one.plan.dropped and not one.plan.deletes_image:
            _drop_platforms(connection, namespace, one.image, one.plan.dropped)
    _untag(connection, namespace, planned)
    _unlink(
        connection, [one.image.key for one in planned if one.plan.deletes_image and one.is_used]
    )
    _delete(connection, deleted)
    events = [event for one in planned for event in _events(one, described)]
    add_events(connection, namespace, caller, events)


def _untag(connection: Connection, namespace: Namespace, planned: Sequence[PlannedImage]) -> None:
    names = [str(reference) for one in planned for reference in one.plan.untagged]
    if not names:
        return
    images = [one.image.key for one in planned]
    values = {"namespace": namespace.key, "names": names, "images": images}
    if connection.execute(references_sql.delete_names, values).rowcount != len(names):
        raise StartOver


def _unlink(connection: Connection, images: Sequence[int]) -> None:
    """Let containers that may lose their image keep its digest and lose the link."""
    if images:
        values = {"images": list(images)}
        connection.execute(containers_sql.unlink_containers, values)
        connection.execute(containers_sql.unlink_mounts, values)


def _delete(connection: Connection, images: Sequence[int]) -> None:
    if not images:
        return
    let_go(connection, images)
    if connection.execute(images_sql.delete_images, {"images": list(images)}).rowcount != len(
        images
    ):
        raise StartOver


def _drop_platforms(
    connection: Connection, namespace: Namespace, image: Image, dropped: Sequence[ManifestFacts]
) -> None:
    keys = [manifest.key for manifest in dropped]
    let_go_manifests(connection, namespace, keys)
    connection.execute(images_sql.drop_image_manifests, {"image": image.key, "manifests": keys})
    update_summary(connection, image.key)


# ── tell ──────────────────────────────────────────────────────────────────────────────────────


def _events(one: PlannedImage, described: Mapping[int, Description]) -> Iterable[NewEvent]:
    """In the order of the records; the platforms of an image that is deleted come before it."""
    image, plan = one.image, one.plan
    labels = described[image.key].labels
    for manifest in plan.dropped:
        if manifest.digest != image.id:
            attributes = {"image": image.id, "platform": str(manifest.platform)}
            yield NewEvent("image", "delete", manifest.digest, manifest.digest, attributes, labels)
    for reference in plan.untagged:
        yield NewEvent("image", "untag", image.id, reference.familiar, labels=labels)
    if plan.deletes_image:
        names = [reference.familiar for reference in plan.untagged]
        yield _delete_event(image.id, plan.told_as or image.id, described[image.key], names)
    for parent in plan.pruned:
        yield _delete_event(parent.id, parent.id, described[parent.key], ())


def _delete_event(
    image_id: str, name: str, description: Description, names: Iterable[str]
) -> NewEvent:
    attributes = {
        "names": ",".join(names),
        "platforms": ",".join(description.platforms),
        "chains": ",".join(description.chains),
    }
    return NewEvent("image", "delete", image_id, name, attributes, description.labels)
