"""Play a case of the table of deletes: before it, the delete, and what is there afterwards."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

from sqlalchemy import Connection

from imagedb.containers import list_containers
from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.errors import ImageDBError, ImageInUseError
from imagedb.events import list_events
from imagedb.images import list_images
from imagedb.importing import import_images
from imagedb.namespaces import add_namespace, get_namespace
from imagedb.platforms import parse_platform
from imagedb.records import (
    Caller,
    Conflict,
    Container,
    Event,
    Mount,
    Record,
    ReportedContainer,
    Untagged,
)
from imagedb.reports import report_containers
from tests.builders.images import Built, BuiltImage, an_image, an_index
from tests.builders.world import World, as_source
from tests.database.delete_table.reading import Case, Using, read_containers

BIRTH: Final = datetime(2024, 5, 1, tzinfo=UTC)
NOT_STORED: Final = Digest("sha256:" + "0" * 64)
"""The image of a container that only mounts another one."""
PLATFORMS: Final = {"amd64": "linux/amd64", "arm64": "linux/arm64", "s390x": "linux/s390x"}
_SPELLED: Final = PLATFORMS | {"arm64": "linux/arm64/v8"}
"""As configs may spell them."""

Line = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a delete told, and what it left behind."""

    answer: list[Line]
    events: list[Line]
    images: Mapping[str, Line]
    """Names and platforms, by ID."""
    containers: Mapping[str, Line]
    """State, image, whether it is missing; the same of what they mount."""


class Scene:
    """A case in a namespace of its own."""

    def __init__(self, case: Case, number: int) -> None:
        self.case = case
        self.names = case.setting.names
        self.others = case.setting.beside
        self.namespace = f"n{number}"
        self.hosts = {host: f"{host}.{self.namespace}" for host in ("here", "other")}
        self.host = self.hosts.get(case.setting.caller)
        self.uses = tuple(read_containers(case.containers))

    @cached_property
    def members(self) -> dict[str, BuiltImage]:
        """The manifests of the image, by their words."""
        return {word: _manifest(word.removeprefix("absent:")) for word in self.case.setting.holds}

    @cached_property
    def target(self) -> Built:
        """The image that is to be deleted."""
        first, *rest = self.members.values()
        missing = [image for word, image in self.members.items() if word.startswith("absent:")]
        return an_index(first, *rest, missing=missing) if rest else first

    @cached_property
    def beside(self) -> dict[str, BuiltImage]:
        """The other images, by their words."""
        made = {other.word: _manifest(other.word, n) for n, other in enumerate(self.others)}
        numbered = sorted(word for word in made if "#" in word)
        in_order = sorted((made[word] for word in numbered), key=lambda image: image.digest)
        return made | dict(zip(numbered, in_order, strict=True))

    def spell(self, word: str, image: Built | None = None) -> str:
        """Write out a name or an ID."""
        digest = (image or self.target).digest
        digits = digest.removeprefix("sha256:")
        prefix, _, length = word.rpartition(":")
        if word in {"ID", "HEX"}:
            return {"ID": digest, "HEX": digits}[word]
        if length.isdigit() and prefix in {"", "sha256"}:
            return f"{prefix}:{digits[: int(length)]}".removeprefix(":")
        return word + digest if word.endswith("@") else word

    # ── before ────────────────────────────────────────────────────────────────────────────────

    def prepare(self, connection: Connection) -> None:
        """Store the images and report the containers, the youngest first."""
        namespace = add_namespace(connection, self.namespace)
        sources = [as_source(self.target, *map(self.spell, self.names))]
        for other in self.others:
            image = self.beside[other.word]
            sources.append(as_source(image, *([self.spell(other.name, image)] * bool(other.name))))
        import_images(connection, namespace, Caller("tester@test"), sources)
        users = list(self.users())[::-1]
        for host, name in self.hosts.items():
            reports = [_report(use, image.digest) for use, image in users if use.host == host]
            if reports:
                report_containers(connection, namespace, Caller("a host", name), reports)

    def users(self) -> Iterator[tuple[Using, Built]]:
        """All containers, with the image that they use."""
        yield from ((use, self.target) for use in self.uses)
        for other in self.others:
            yield from ((use, self.beside[other.word]) for use in other.containers)

    # ── the delete, and after it ──────────────────────────────────────────────────────────────

    def play(self, database: Database, after: int) -> Told:
        """Delete, and look; `after` is the position of the last event before."""
        answer = self._delete(database)
        with database.read() as connection:
            namespace = get_namespace(connection, self.namespace)
            events = list_events(connection, namespace, after=after)
            images = list(list_images(connection, namespace))
            containers = list_containers(connection, namespace, all=True)
        return Told(
            answer,
            [_event_line(event) for event in events],
            {row.id: (row.names, tuple(map(str, row.platforms))) for row in images},
            {container.id: _container_line(container) for container in containers},
        )

    def _delete(self, database: Database) -> list[Line]:
        case = self.case
        world = World(database, namespace=self.namespace, host=self.host)
        platforms = [word if "/" in word else f"linux/{word}" for word in case.platforms]
        try:
            records = world.delete(
                self.spell(case.given), force=case.force, prune=case.prune, platforms=platforms
            )
        except ImageInUseError as error:
            return [("error", str(error)), *map(_conflict_line, error.conflicts)]
        except ImageDBError as error:
            return [("error", type(error).__name__, str(error))]
        return [_record_line(record) for record in records]


def prepare(connection: Connection, scenes: Iterable[Scene]) -> None:
    """Prepare several, in one transaction."""
    for scene in scenes:
        scene.prepare(connection)


def _manifest(word: str, number: int | None = None) -> BuiltImage:
    """Make an image of `arm64/abc`; those of different numbers differ."""
    platform, _, layers = word.partition("#")[0].rpartition("/")
    return an_image(
        layers.replace("()", ""),
        platform=_SPELLED[platform or "amd64"],
        labels=None if number is None else {"number": str(number)},
    )


def container_id(use: Using) -> str:
    """The older one has the higher ID; of those of one age, the first in the text the lower."""
    return (f"{12 - 4 * use.age + use.rank:x}" + use.name.removeprefix("c")).ljust(64, "0")


def _report(use: Using, image: str) -> ReportedContainer:
    mounts = (Mount("seen:1", "/seen", Digest(image)),) if use.kind else ()
    platform = None if use.platform == "?" else parse_platform(f"linux/{use.platform}")
    return ReportedContainer(
        id=container_id(use),
        name=use.name,
        state=use.state,
        reference="typed:1",
        image_digest=NOT_STORED if use.kind == "mount" else Digest(image),
        platform=platform,
        created=BIRTH + timedelta(minutes=use.age),
        started=None,
        finished=None,
        mounts=mounts,
    )


# ── what is compared ──────────────────────────────────────────────────────────────────────────


def _record_line(record: Record) -> Line:
    return ("untag", record.name) if isinstance(record, Untagged) else ("delete", record.digest)


def _conflict_line(conflict: Conflict) -> Line:
    use = conflict.container
    place = (use.id, use.name, use.state, use.host) if use else ()
    return (conflict.kind.value, conflict.is_hard, str(conflict), *place, conflict.reference)


def _event_line(event: Event) -> Line:
    attributes = {
        key: value
        for key, value in event.attributes.items()
        if key in {"image", "platform", "names", "platforms"}
    }
    return (event.type, event.action, event.actor_id, event.name, event.host, attributes)


def _container_line(container: Container) -> Line:
    mounts = [(mount.image_digest, mount.is_image_missing) for mount in container.mounts]
    return (container.state, container.image_digest, container.is_image_missing, mounts)
