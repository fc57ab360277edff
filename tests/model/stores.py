"""A namespace in the model: images, names, containers, and what was told of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from imagedb.digests import Digest, ImageID
from imagedb.platforms import Platform
from imagedb.records import (
    RUNNING_STATES,
    Conflict,
    Container,
    ContainerUse,
    Hold,
    ImageSummary,
    Mount,
)
from imagedb.references import Reference, parse_reference
from tests.model.images import Content, StoredImage

CLOCK: Final = datetime.max.replace(tzinfo=UTC)
"""A moment that the database's clock gives."""


class Refused(Exception):  # noqa: N818 - what the model says instead of an error of imagedb
    """An operation is refused: the class of the error, its text, and what it carries."""

    def __init__(self, error: str, text: str, carried: tuple[object, ...] = ()) -> None:
        super().__init__(text)
        self.error = error
        self.carried = carried

    @classmethod
    def by(cls, conflicts: list[Conflict]) -> "Refused":
        """A delete is refused: the first conflict gives the message, all are carried."""
        return cls("ImageInUseError", str(conflicts[0]), tuple(conflicts))


@dataclass(frozen=True)
class Asking:
    """Who asks: their host, and its platform if it told one."""

    host: str | None
    platform: Platform | None = None
    who: str = ""


@dataclass(frozen=True)
class Told:
    """An event."""

    type: str
    action: str
    actor: str
    name: str
    host: str | None
    attributes: dict[str, str]


@dataclass
class ModelMount:
    """An image that a container mounts; `image` while it is stored."""

    source: str
    target: str
    digest: Digest | None
    image: ImageID | None

    @property
    def typed(self) -> str:
        """The image as it was typed."""
        return self.source


@dataclass
class ModelContainer:
    """A container of a host; `image` while its image is stored."""

    id: str
    name: str
    host: str
    state: str
    reference: str
    digest: Digest
    image: ImageID | None
    platform: Platform | None
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    mounts: list[ModelMount] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    exit_code: int | None = None

    @property
    def is_running(self) -> bool:
        """Whether its state counts as running."""
        return self.state in RUNNING_STATES

    def mounts_image(self, image: ImageID) -> bool:
        """Whether it mounts this image."""
        return any(mount.image == image for mount in self.mounts)

    def uses(self, image: ImageID) -> bool:
        """Whether it was created from this image or mounts it."""
        return self.image == image or self.mounts_image(image)

    def as_use(self, image: ImageID) -> ContainerUse:
        """How a conflict describes it."""
        return ContainerUse(
            key=0,
            id=self.id,
            name=self.name,
            state=self.state,
            host=self.host,
            created=self.created,
            platform=self.platform,
            is_mount=self.mounts_image(image),
        )

    def as_record(self) -> Container:
        """How a list shows it."""
        mounts = [Mount(m.source, m.target, m.digest, m.image is None) for m in self.mounts]
        return Container(
            key=0,
            id=self.id,
            name=self.name,
            host=self.host,
            state=self.state,
            reference=self.reference,
            image_digest=self.digest,
            is_image_missing=self.image is None,
            platform=self.platform,
            created=self.created,
            started=self.started,
            finished=self.finished,
            mounts=tuple(mounts),
            labels=self.labels,
            command=self.command,
            exit_code=self.exit_code,
        )

    @property
    def typed(self) -> str:
        """The image as it was typed."""
        return self.reference


@dataclass
class Store:
    """What a namespace holds."""

    name: str
    images: dict[ImageID, StoredImage] = field(default_factory=dict)
    names: dict[str, ImageID] = field(default_factory=dict)
    """By canonical name."""
    containers: list[ModelContainer] = field(default_factory=list)
    holds: dict[ImageID, list[Hold]] = field(default_factory=dict)
    """Of those that are held."""
    hosts: dict[str, Platform | None] = field(default_factory=dict)
    events: list[Told] = field(default_factory=list)
    """Of the operation that is under way."""
    known: Content = field(default_factory=dict)
    """Content that any image ever used."""

    def names_of(self, image: ImageID) -> list[Reference]:
        """Its references, in name order."""
        return [parse_reference(n) for n, target in sorted(self.names.items()) if target == image]

    def is_dangling(self, image: ImageID) -> bool:
        """Whether no reference points at it."""
        return image not in self.names.values()

    def users(self, image: ImageID) -> list[ModelContainer]:
        """The containers that use it, the oldest first, then by ID."""
        using = [container for container in self.containers if container.uses(image)]
        return sorted(using, key=lambda container: (container.created, container.id))

    def is_kept(self, image: ImageID) -> bool:
        """Whether a container uses it or somebody holds it."""
        return image in self.holds or bool(self.users(image))

    def remove(self, image: ImageID) -> None:
        """Remove an image without names; its containers keep the digest."""
        assert image not in self.holds
        del self.images[image]
        for holder in self.holders():
            if holder.image == image:
                holder.image = None

    def holders(self) -> Iterator[ModelContainer | ModelMount]:
        """Everything that has a digest and a link: containers and what they mount."""
        for container in self.containers:
            yield container
            yield from container.mounts

    def tell(
        self,
        asking: Asking,
        kind: str,
        action: str,
        actor: str,
        name: str,
        attributes: dict[str, str],
        *,
        host: str | None = None,
    ) -> None:
        """Write an event; of the caller's host, unless it happened elsewhere."""
        told = {**attributes, "name": name}
        self.events.append(Told(kind, action, actor, name, host or asking.host, told))

    def content(self) -> Content:
        """Everything that images of the namespace use."""
        used: Content = {}
        for image in self.images.values():
            used |= image.content()
        return used

    def released(self) -> Content:
        """What was used and is not any more."""
        used = self.content()
        self.known |= used
        return {key: facts for key, facts in self.known.items() if key not in used}

    def summaries(self) -> Iterable[ImageSummary]:
        """How a list shows the images."""
        for image in self.images.values():
            yield ImageSummary(
                id=image.id,
                names=tuple(name.familiar for name in self.names_of(image.id)),
                platforms=image.platforms,
                created=image.created,
                content_size=image.content_size,
                containers=len(self.users(image.id)),
            )
