"""Put images, names and containers into a database, in as few words as a test can use.

::

    world = World(database)
    app = world.add(an_image("abc"), "app:1", "app:latest")     # layers a, b, c
    web = world.run(app, state="running", host="web-1")
    world.delete("app:1")
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, delete, select, update

from imagedb import schema
from imagedb.container_requests import (
    create_container,
    kill_container,
    pause_container,
    remove_container,
    start_container,
)
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.digests import DiffID, Digest, ImageID
from imagedb.events import list_events
from imagedb.filters import PruneFilters
from imagedb.hold_requests import add_hold, delete_hold
from imagedb.images import get_image, list_images
from imagedb.importing import import_images
from imagedb.lineage import list_children, list_parents
from imagedb.namespaces import get_namespace
from imagedb.platforms import Platform, parse_platform, platform_of
from imagedb.procedures import keep_alive, perform
from imagedb.pruning import prune_images
from imagedb.records import (
    Caller,
    ContainerConfig,
    Document,
    Event,
    ImageSummary,
    ImportedImage,
    ManifestKind,
    Mount,
    Namespace,
    PrunedBatch,
    Record,
    Relative,
    Release,
    SourceImage,
    SourceLayer,
    SourceManifest,
)
from imagedb.references import parse_reference
from imagedb.releases import list_releases
from imagedb.tags import tag_image
from imagedb.times import find_time
from tests.builders.images import Blob, Built, BuiltImage

P = ParamSpec("P")
T = TypeVar("T")

HERE: Final = "web-1"
"""The caller's host."""
ALL: Final = PruneFilters(dangling=False)
"""As `image prune --all`."""
_NO_CONFIG: Final = ContainerConfig()
LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
STATES: Final = ("created", "running", "paused", "exited")
"""The states that requests can bring about."""


def as_source(built: Built, *names: str) -> SourceImage:
    """An image as an importer would yield it: flattened, members named `missing` absent."""
    parts = list(_parts(built))
    return SourceImage(
        id=ImageID(built.digest),
        media_type=built.media_type,
        size=len(built.content),
        names=tuple(parse_reference(name).with_default_tag() for name in names),
        manifests=tuple(part for part in parts if isinstance(part, SourceManifest)),
        indexes=tuple(part for part in parts if isinstance(part, Document)),
    )


def _parts(
    built: Built, index: Digest | None = None, *, depth: int = 0
) -> Iterator[SourceManifest | Document]:
    """What a target names, depth first; an index's own document before its members."""
    if isinstance(built, BuiltImage):
        yield replace(_described(built, index), **_content(built))
        return
    yield _document(built)
    through = Digest(built.digest) if depth else None
    for member in built.members:
        if member in built.missing:
            yield _described(member, through)
        else:
            yield from _parts(member, through, depth=depth + 1)


def _document(blob: Blob) -> Document:
    return Document(Digest(blob.digest), blob.media_type, blob.content)


def _described(built: Built, index: Digest | None) -> SourceManifest:
    """A manifest, or an index that is not there, as a descriptor tells it."""
    platform = built.platform if isinstance(built, BuiltImage) else {}
    return SourceManifest(
        digest=Digest(built.digest),
        media_type=built.media_type,
        size=len(built.content),
        kind=_kind(built),
        platform=platform_of(**platform) if platform else None,
        index=index,
    )


def _kind(built: Built) -> ManifestKind:
    if not isinstance(built, BuiltImage) or not built.platform:
        return ManifestKind.UNKNOWN
    return ManifestKind.ATTESTATION if built.annotations else ManifestKind.IMAGE


def _content(built: BuiltImage) -> dict[str, Any]:
    """What a manifest that is there has beside its descriptor."""
    is_image = _kind(built) is ManifestKind.IMAGE
    config: dict[str, Any] = json.loads(built.config.content)
    inside = [DiffID(diff_id) for diff_id in built.diff_ids] if is_image else [None] * 99
    layers = tuple(
        SourceLayer(Digest(blob.digest), blob.media_type, len(blob.content), diff_id)
        for blob, diff_id in zip(built.layers, inside, strict=False)
    )
    facts = {
        "labels": config.get("config", {}).get("Labels") or {},
        "created": find_time(config.get("created")),
    }
    held = {"document": _document(built), "config": _document(built.config), "layers": layers}
    return held | (facts if is_image else {})


@dataclass
class World:
    """A namespace of a database, and someone on host `web-1` who changes it."""

    database: Database
    namespace: str = "default"
    who: str = "tester@test"
    host: str | None = HERE
    _containers: int = field(default=0, repr=False)

    def caller(self, host: str | None = None) -> Caller:
        """The caller of one request."""
        return Caller(self.who, host or self.host)

    def add(self, built: Built, *names: str) -> ImageID:
        """Import an image."""
        self.load(as_source(built, *names))
        return ImageID(built.digest)

    def load(self, *images: SourceImage) -> tuple[ImportedImage, ...]:
        """Import what a source yields."""
        return perform(self.database, import_images, self.namespace, self.caller(), images)

    def tag(self, source: str, name: str) -> None:
        """Point a name at an image."""
        perform(self.database, tag_image, self.namespace, self.caller(), source, name)

    def run(
        self,
        image: str,
        *,
        state: str = "running",
        host: str | None = None,
        name: str | None = None,
        platform: str | None = None,
        mounts: Sequence[str] = (),
        config: ContainerConfig = _NO_CONFIG,
    ) -> str:
        """Make a container of an image and bring it into a state; returns its ID."""
        self._containers += 1
        container = perform(
            self.database,
            create_container,
            self.namespace,
            self.caller(host),
            image,
            name=name or f"c{self._containers}",
            platform=parse_platform(platform) if platform else None,
            mounts=[Mount(source, f"/mnt/{source}") for source in mounts],
            config=config,
        )
        self.bring(container, state)
        return container

    def bring(self, container: str, state: str) -> None:
        """Bring a new container into a state."""
        steps = {
            "created": [],
            "running": [start_container],
            "paused": [start_container, pause_container],
            "exited": [start_container, kill_container],
        }
        for step in steps[state]:
            perform(self.database, step, self.namespace, self.caller(), container)

    def remove(self, container: str) -> None:
        """Remove a container, running or not."""
        operation = remove_container
        perform(self.database, operation, self.namespace, self.caller(), container, force=True)

    def hold(
        self, image: str, reason: str = "audit", *, until: datetime | timedelta | None = None
    ) -> int:
        """Hold an image; returns the hold's number."""
        namespace, caller = self.namespace, self.caller()
        return perform(
            self.database, add_hold, namespace, caller, image, reason=reason, until=until
        )

    def lift(self, image: str, *, number: int | None = None, all: bool = False) -> tuple[int, ...]:  # noqa: A002 - the option's word
        """Lift holds of an image."""
        namespace, caller = self.namespace, self.caller()
        return perform(self.database, delete_hold, namespace, caller, image, number=number, all=all)

    def beat(self, host: str, *, lease: int | None = None) -> None:
        """Let a host say that it is alive."""
        keep_alive(self.database, self.namespace, self.caller(host), host, lease_seconds=lease)

    def let_lapse(self, host: str) -> None:
        """Let a host's lease have run out long ago, without waiting for it."""
        key = select(schema.host.c.id).where(schema.host.c.name == host).scalar_subquery()
        silent = {"lease_seconds": 60, "stale_at": LONG_AGO, "seen_at": LONG_AGO - MINUTE}
        rows = update(schema.heartbeat).where(schema.heartbeat.c.host_id == key).values(silent)
        assert self.database.write(lambda connection: connection.execute(rows)).rowcount == 1

    def forget_heartbeats(self) -> None:
        """Leave hosts as an older imagedb has recorded them."""
        self.database.write(lambda connection: connection.execute(delete(schema.heartbeat)))

    def delete(
        self,
        reference: str,
        *,
        force: bool = False,
        prune: bool = True,
        platforms: Sequence[str] = (),
        ignore_stale: bool = False,
    ) -> tuple[Record, ...]:
        """Delete an image or untag it."""
        return perform(
            self.database,
            delete_image,
            self.namespace,
            self.caller(),
            reference,
            force=force,
            prune=prune,
            platforms=[parse_platform(platform) for platform in platforms],
            ignore_stale=ignore_stale,
        )

    def prune(self, filters: PruneFilters = ALL) -> tuple[PrunedBatch, ...]:
        """Prune the namespace: of everything unused, unless told otherwise."""
        return tuple(prune_images(self.database, self.namespace, self.caller(), filters))

    def ask(
        self,
        operation: Callable[Concatenate[Connection, Namespace, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run an operation that only reads."""
        with self.database.read() as connection:
            namespace = get_namespace(connection, self.namespace)
            return operation(connection, namespace, *args, **kwargs)

    def images(self) -> dict[ImageID, ImageSummary]:
        """What `image ls` shows, by ID."""
        with self.database.read() as connection:
            namespace = get_namespace(connection, self.namespace)
            return {row.id: row for row in list_images(connection, namespace)}

    def parents(self, image: str) -> tuple[Relative, ...]:
        """What an image is built on."""
        with self.database.read() as connection:
            namespace = get_namespace(connection, self.namespace)
            return list_parents(connection, get_image(connection, namespace, image))

    def children(self, image: str) -> tuple[Relative, ...]:
        """What is built on an image."""
        with self.database.read() as connection:
            namespace = get_namespace(connection, self.namespace)
            return list_children(connection, get_image(connection, namespace, image))

    def releases(self, *, kind: str | None = None) -> tuple[Release, ...]:
        """What the namespace no longer uses, and nobody has done with."""
        with self.database.read() as connection:
            namespace = get_namespace(connection, self.namespace)
            return tuple(list_releases(connection, namespace, kind=kind))

    def events(self, *, after: int = 0) -> tuple[Event, ...]:
        """What happened behind a position."""
        with self.database.look() as connection:
            namespace = get_namespace(connection, self.namespace)
            return list_events(connection, namespace, after=after)


def platforms(*texts: str) -> tuple[Platform, ...]:
    """Several platforms."""
    return tuple(parse_platform(text) for text in texts)
