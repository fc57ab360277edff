"""Run imagedb and the model side by side, and compare all that a caller can see.

The only module here that knows imagedb's operations.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete

from imagedb.containers import list_containers
from imagedb.database import Database
from imagedb.digests import ImageID
from imagedb.errors import AmbiguousReferenceError, ImageDBError, ImageInUseError
from imagedb.events import list_events
from imagedb.holds import list_holds
from imagedb.hosts import list_hosts
from imagedb.images import get_image, list_images
from imagedb.inspection import inspect_image
from imagedb.lineage import list_children, list_parents
from imagedb.namespaces import add_namespace, get_namespace
from imagedb.records import (
    Caller,
    Conflict,
    Container,
    Event,
    Hold,
    ImageHold,
    Namespace,
    Release,
)
from imagedb.releases import list_releases
from imagedb.schema import metadata
from tests.model import lineage
from tests.model.history import History, Seen
from tests.model.stores import CLOCK, Asking, ModelContainer, Refused, Store

DONE = "done"
WIDE = 4
"""After so many steps the namespaces that were not touched are looked at, too."""
REPEATED = 7
"""Of so many steps the request of one is made twice."""
Outcome = tuple[str, Any]
"""What came of an operation: `DONE` and the answer, or the error's class and what it says."""


@dataclass(frozen=True)
class Answered:
    """An answer, the events of it, and what was read before and after."""

    answer: Any
    events: list[Event]
    before: Seen
    after: Seen


@dataclass(frozen=True)
class Request:
    """An operation of a caller in a namespace, and what the model does for it."""

    namespace: str
    caller: Caller
    perform: Callable[[Caller], object]
    model: Callable[[Store, Asking, Any], object]
    """It is given what the real operation answered: some of that is chance."""


@dataclass
class Driver:
    """A database and the model of it."""

    database: Database
    stores: dict[str, Store] = field(default_factory=dict)
    histories: dict[str, History] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    position: int = 0
    steps: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    """What happened in them, so that it is seen whether they are worth anything."""

    def begin(self, *namespaces: str) -> None:
        """Empty the database, and make the namespaces."""
        self.database.write(_empty)
        for name in namespaces:
            self.database.write(partial(add_namespace, name=name))
            self.stores[name] = Store(name)
            self.histories[name] = History()
        self.look()

    # ── one step ──────────────────────────────────────────────────────────────────────────────

    def step(self, request: Request) -> Answered | None:
        """Perform an operation, let the model do the same, and compare; None if refused."""
        before = self.seen[request.namespace]
        actual = _outcome(request)
        expected = self._expect(request, actual)
        assert expected == actual
        events = self.new_events()
        _compare_events(self.stores[request.namespace], request, events)
        looked_at = self.stores if self.steps % WIDE == 0 else [request.namespace]
        self.look(*looked_at)
        self._compare(request.namespace, looked_at)
        self.steps += 1
        self.tally.update(_happened(actual, before, self.seen[request.namespace]))
        if actual[0] != DONE:
            assert before == self.seen[request.namespace]
            return None
        if self.steps % REPEATED == 0:
            self._repeat(request, actual)
        return Answered(actual[1], events, before, self.seen[request.namespace])

    def _expect(self, request: Request, actual: Outcome) -> Outcome:
        store = self.stores[request.namespace]
        store.events.clear()
        host = request.caller.host
        platform = store.hosts.get(host) if host else None
        asking = Asking(host, platform, request.caller.who)
        try:
            return DONE, _plain(request.model(store, asking, actual[1]))
        except Refused as refusal:
            return refusal.error, (str(refusal), refusal.carried)
        except ImageDBError as error:  # the words themselves refuse a text
            return type(error).__name__, (str(error), ())

    def _repeat(self, request: Request, answer: Outcome) -> None:
        """The same request ID again: the same answer, and nothing happens."""
        before = self.seen.copy()
        assert _outcome(request) == answer
        assert self.new_events() == []
        self.look()
        assert self.seen == before
        self.steps += 1

    # ── reading ───────────────────────────────────────────────────────────────────────────────

    def look(self, *namespaces: str) -> None:
        """Read these namespaces, or all."""
        with self.database.read() as connection:
            for name in namespaces or self.stores:
                self.seen[name] = _seen(connection, get_namespace(connection, name))

    def has_containers(self) -> list[str]:
        """The namespaces that have some."""
        return [name for name, store in self.stores.items() if store.containers]

    def new_events(self) -> list[Event]:
        """What was written since the last time; positions only ever grow."""
        with self.database.look() as connection:
            events = list_events(connection, None, after=self.position)
        for event in events:
            assert event.position > self.position
            self.position = event.position
        assert [event.id for event in events] == sorted(event.id for event in events)
        return list(events)

    # ── comparing ─────────────────────────────────────────────────────────────────────────────

    def _compare(self, touched: str, looked_at: Iterable[str]) -> None:
        for name in looked_at:
            store, seen = self.stores[name], self.seen[name]
            _learn_the_time(store, seen.containers)
            assert not _differing({each.id: each for each in store.summaries()}, seen.images)
            assert _newest_first(store.containers) == list(seen.containers)
            assert not _differing(store.released(), _content(seen.releases))
            assert not _differing(store.holds, _holds(seen.holds))
        with self.database.read() as connection:
            _compare_details(connection, self.stores[touched], self.steps)


def _happened(actual: Outcome, before: Seen, after: Seen) -> dict[str, int]:
    """What became of a step, in figures."""
    was = {(each.host, each.id): each for each in before.containers}
    known = [(was[c.host, c.id], c) for c in after.containers if (c.host, c.id) in was]
    held = {key: len(image.platforms) for key, image in before.images.items()}
    both = [(held[key], len(image.platforms)) for key, image in after.images.items() if key in held]
    return {
        actual[0]: 1,
        "images stored": len(after.images.keys() - before.images.keys()),
        "images deleted": len(before.images.keys() - after.images.keys()),
        "deletes that pruned": len(before.images.keys() - after.images.keys()) > 1,
        "platforms completed": sum(more > less for less, more in both),
        "platforms removed": sum(more < less for less, more in both),
        "releases made": len(set(after.releases) - set(before.releases)),
        "releases withdrawn": len(set(before.releases) - set(after.releases)),
        "holds made": len(set(after.holds) - set(before.holds)),
        "refused by a hold": str(actual[1]).count("image is held by") > 0,
        "containers linked": sum(a.is_image_missing > b.is_image_missing for a, b in known),
        "containers unlinked": sum(a.is_image_missing < b.is_image_missing for a, b in known),
    }


def _outcome(request: Request) -> Outcome:
    try:
        return DONE, _plain(request.perform(request.caller))
    except ImageDBError as error:
        return type(error).__name__, (str(error), _carried(error))


def _compare_events(store: Store, request: Request, events: Sequence[Event]) -> None:
    assert [(e.type, e.action, e.actor_id, e.name, e.host) for e in events] == [
        (t.type, t.action, t.actor, t.name, t.host) for t in store.events
    ]
    for event, expected in zip(events, store.events, strict=True):
        assert expected.attributes == event.attributes
        request_id = event.request_id.partition(".")[0]  # a batch adds its number
        told_by = (event.namespace, event.who, request_id)
        assert told_by == (store.name, request.caller.who, request.caller.request_id)


def _empty(connection: Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))


def _plain(answer: object) -> object:
    """Lists and tuples compare alike."""
    return tuple(answer) if isinstance(answer, list) else answer


def _carried(error: ImageDBError) -> tuple[object, ...]:
    if isinstance(error, ImageInUseError):
        return tuple(_without_keys(conflict) for conflict in error.conflicts)
    return error.candidates if isinstance(error, AmbiguousReferenceError) else ()


def _without_keys(conflict: Conflict) -> Conflict:
    """As the model knows it, which numbers no rows, hears no signs of life and has no clock."""
    if conflict.hold:
        return replace(conflict, hold=replace(conflict.hold, held=CLOCK))
    if conflict.container is None:
        return conflict
    return replace(conflict, container=replace(conflict.container, key=0, host_seen=None))


def _seen(connection: Connection, namespace: Namespace) -> Seen:
    images = list(list_images(connection, namespace))
    moments = [(image.created is not None, image.created) for image in images]
    assert moments == sorted(moments, reverse=True)
    containers = list_containers(connection, namespace, all=True)
    return Seen(
        images={image.id: image for image in images},
        containers=tuple(replace(container, key=0) for container in containers),
        releases=tuple(list_releases(connection, namespace)),
        holds=list_holds(connection, namespace),
    )


def _learn_the_time(store: Store, containers: Sequence[Container]) -> None:
    """Moments that the database's clock gave are facts to the model."""
    seen = {(each.host, each.id): each for each in containers}
    for container in store.containers:
        known = seen.get((container.host, container.id))
        for moment in ("created", "started", "finished"):
            if known and getattr(container, moment) == CLOCK and getattr(known, moment):
                setattr(container, moment, getattr(known, moment))


def _newest_first(containers: Sequence[ModelContainer]) -> list[Container]:
    records = [container.as_record() for container in reversed(containers)]
    return sorted(records, key=lambda container: container.created, reverse=True)


def _differing(expected: Mapping[Any, Any], actual: Mapping[Any, Any]) -> dict[Any, Any]:
    """What the model and the database say differently, by key."""
    keys = expected.keys() | actual.keys()
    both = {key: (expected.get(key), actual.get(key)) for key in keys}
    return {key: (first, second) for key, (first, second) in both.items() if first != second}


def _content(releases: Sequence[Release]) -> dict[tuple[str, str], tuple[str | None, int]]:
    return {(r.kind, r.digest): (r.media_type, r.size) for r in releases}


def _holds(holds: Sequence[ImageHold]) -> dict[ImageID, list[Hold]]:
    found: dict[ImageID, list[Hold]] = {}
    for one in holds:
        found.setdefault(one.image_id, []).append(replace(one.hold, held=CLOCK))
    return found


def _compare_details(connection: Connection, store: Store, step: int) -> None:
    """Hosts, and one image after another: its relatives and what it holds."""
    namespace = get_namespace(connection, store.name)
    hosts = {host.name: host.platform for host in list_hosts(connection, namespace)}
    assert store.hosts == hosts
    if not store.images:
        return
    stored = store.images[sorted(store.images)[step % len(store.images)]]
    image = get_image(connection, namespace, stored.id)
    assert lineage.parents(store, stored.id) == list(list_parents(connection, image))
    assert lineage.children(store, stored.id) == list(list_children(connection, image))
    details = inspect_image(connection, namespace, stored.id)
    assert [(m.digest, m.kind, m.platform, m.is_present) for m in details.manifests] == [
        (m.digest, m.kind, m.platform, m.is_present) for m in stored.members
    ]
    assert stored.labels(None) == details.labels
