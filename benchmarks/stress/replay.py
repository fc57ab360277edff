"""Play the events again, and compare where they lead with what is stored (I1, I2, I3, I7).

The events of an image follow its changes in the order of their IDs, those of a name and of a
container too; so that each must fit what the ones before it have made.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from benchmarks.stress.evidence import Evidence
from benchmarks.stress.population import Content, Contents, Held
from benchmarks.stress.problems import Problem, Verdict

_RUNNING = frozenset({"running", "paused", "restarting"})
Where = tuple[str, str]
"""A namespace, and something in it."""


@dataclass(slots=True)
class Gap:
    """A time in which a namespace did not use some content that it had used."""

    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class Kept:
    """A container, as the events tell it."""

    host: str
    runs: bool = False
    is_linked: bool = False
    """It was made of its image, and that was never away since. Else it may be linked to another
    image that holds the same manifest."""


@dataclass(slots=True)
class World:
    """What there is, as the events tell it."""

    images: dict[Where, Held] = field(default_factory=dict)
    names: dict[Where, str] = field(default_factory=dict)
    holds: dict[str, Where] = field(default_factory=dict)
    """By number."""
    containers: dict[Where, Kept] = field(default_factory=dict)
    """By namespace and container."""
    uses: Counter[tuple[str, Content]] = field(default_factory=Counter)
    """How many images of a namespace use a content."""
    gaps: defaultdict[tuple[str, Content], list[Gap]] = field(
        default_factory=lambda: defaultdict(list)
    )


class Replay:
    """A world that follows events, and what did not fit."""

    def __init__(self, evidence: Evidence) -> None:
        self.world = World()
        self.problems: list[Problem] = []
        self.contents = Contents(evidence.population.sources)
        self._evidence = evidence
        for event in evidence.stored.events:
            step = getattr(self, f"_{event.type}_{event.action}", None)
            if step:
                step(event)

    def _doubt(self, event: Any, text: str) -> None:  # noqa: ANN401 - a row
        told = f"event {event.id} ({event.action} of {event.name}, {event.request_id})"
        self.problems.append(Problem(Verdict.INVARIANT, f"{told}: {text}"))

    # ── images and names ──────────────────────────────────────────────────────────────────────

    def _image_load(self, event: Any) -> None:  # noqa: ANN401
        where = (event.namespace, event.actor_id)
        asked = self._evidence.history.requests.get(event.request_id)
        population = self._evidence.population
        brought = Held()
        for image in asked.arguments["images"] if asked else ():
            if population.sources[image["source"]].digest == event.actor_id:
                brought |= population.brings(image["source"])
        self._set(where, self.world.images.get(where, Held()) | brought, event.time)
        if "reference" in event.attributes:
            self._point(event, event.attributes["reference"])

    def _image_tag(self, event: Any) -> None:  # noqa: ANN401
        if (event.namespace, event.actor_id) not in self.world.images:
            self._doubt(event, "the image was not there")
        self._point(event, event.name)

    def _point(self, event: Any, name: str) -> None:  # noqa: ANN401
        where = (event.namespace, name)
        old = self.world.names.get(where)
        moved = old if old != event.actor_id else None
        if event.attributes.get("previous") != moved:
            self._doubt(event, f"the name was at {old}")
        self.world.names[where] = event.actor_id

    def _image_untag(self, event: Any) -> None:  # noqa: ANN401
        old = self.world.names.pop((event.namespace, event.name), None)
        if old != event.actor_id:
            self._doubt(event, f"the name was at {old}")

    def _image_delete(self, event: Any) -> None:  # noqa: ANN401
        if "image" in event.attributes:
            self._drop_platform(event, (event.namespace, event.attributes["image"]))
            return
        where = (event.namespace, event.actor_id)
        if where not in self.world.images:
            self._doubt(event, "the image was not there")
            return
        left = [
            name
            for (namespace, name), image in self.world.names.items()
            if (namespace, image) == where
        ]
        if left:
            self._doubt(event, f"I1: its names {left} stayed")
        for container in self._running_on(event, where, None):
            self._doubt(event, f"I2: container {container} ran on it")
        self._check_holds(event, where)
        self._unlink(where)
        self._set(where, Held(), event.time)
        del self.world.images[where]

    def _drop_platform(self, event: Any, where: Where) -> None:  # noqa: ANN401
        held = self.world.images.get(where, Held())
        if event.actor_id not in held.manifests:
            self._doubt(event, "the image did not hold it")
        for container in self._running_on(event, where, event.attributes["platform"]):
            self._doubt(event, f"I2: container {container} ran on that platform")
        self._check_holds(event, where)
        if where in self.world.images:
            self._set(where, held.without(event.actor_id), event.time)

    def _check_holds(self, event: Any, where: Where) -> None:  # noqa: ANN401
        numbers = [number for number, held in self.world.holds.items() if held == where]
        if numbers:
            self._doubt(event, f"it was held ({', '.join(numbers)})")

    def _hold_create(self, event: Any) -> None:  # noqa: ANN401
        where = (event.namespace, event.actor_id)
        if where not in self.world.images:
            self._doubt(event, "the image was not there")
        self.world.holds[event.attributes["hold"]] = where

    def _hold_destroy(self, event: Any) -> None:  # noqa: ANN401
        where = self.world.holds.pop(event.attributes["hold"], None)
        if where != (event.namespace, event.actor_id):
            self._doubt(event, f"the hold was on {where}")

    def _running_on(
        self,
        event: Any,  # noqa: ANN401
        where: Where,
        platform: str | None,
    ) -> Iterator[str]:
        """The running containers that need an image, or a platform of it, and nothing else."""
        is_held_elsewhere = any(
            other != where and other[0] == where[0] and where[1] in held.manifests
            for other, held in self.world.images.items()
        )
        for container, kept, uses in self._users_of(where):
            may_need = None in {platform, uses["platform"]} or uses["platform"] == platform
            is_needed = may_need or where[1] in uses["mounts"]
            is_blocking = kept.runs and (kept.is_linked or not is_held_elsewhere)
            if is_needed and is_blocking and not self._may_ignore(event, kept):
                yield container

    def _may_ignore(self, event: Any, kept: Kept) -> bool:  # noqa: ANN401
        """Whether the delete was told not to look at stale hosts, and this one may be so."""
        asked = self._evidence.history.requests.get(event.request_id)
        is_leased = kept.host == self._evidence.population.leased_host(event.namespace)
        return is_leased and asked is not None and bool(asked.arguments.get("ignore_stale"))

    def _users_of(self, where: Where) -> Iterator[tuple[str, Kept, dict[str, Any]]]:
        for (namespace, container), kept in self.world.containers.items():
            uses = self._evidence.history.uses.get(container)
            if namespace == where[0] and uses and where[1] in {uses["image"], *uses["mounts"]}:
                yield container, kept, uses

    def _unlink(self, where: Where) -> None:
        for _, kept, _ in self._users_of(where):
            kept.is_linked = False

    # ── content ───────────────────────────────────────────────────────────────────────────────

    def _set(self, where: Where, held: Held, moment: datetime) -> None:
        old = self.contents.of(where[1], self.world.images.get(where, Held()))
        new = self.contents.of(where[1], held)
        self.world.images[where] = held
        for content in new - old:
            self._use((where[0], content), 1, moment)
        for content in old - new:
            self._use((where[0], content), -1, moment)

    def _use(self, what: tuple[str, Content], change: int, moment: datetime) -> None:
        uses, gaps = self.world.uses, self.world.gaps[what]
        if uses[what] == 0 and gaps:
            gaps[-1].until = moment
        uses[what] += change
        if uses[what] == 0:
            gaps.append(Gap(moment))

    # ── containers ────────────────────────────────────────────────────────────────────────────

    def _container_create(self, event: Any) -> None:  # noqa: ANN401
        where = (event.namespace, event.actor_id)
        if where in self.world.containers:
            self._doubt(event, "the container was there")
        asked = self._evidence.history.requests.get(event.request_id)
        is_made = asked is not None and asked.operation == "create"
        self.world.containers[where] = Kept(event.host, is_linked=is_made)

    def _container_start(self, event: Any) -> None:  # noqa: ANN401
        self._run(event, runs=True)

    def _container_die(self, event: Any) -> None:  # noqa: ANN401
        self._run(event, runs=False)

    def _run(self, event: Any, *, runs: bool) -> None:  # noqa: ANN401
        kept = self.world.containers.get((event.namespace, event.actor_id))
        if kept is None or kept.runs is runs:
            self._doubt(event, "the container was not there, or there was nothing to tell")
        if kept:
            kept.runs = runs

    def _container_destroy(self, event: Any) -> None:  # noqa: ANN401
        kept = self.world.containers.pop((event.namespace, event.actor_id), None)
        if kept is None or kept.runs:
            self._doubt(event, "the container was not there, or ran")


def judge_replay(evidence: Evidence, replay: Replay) -> Iterator[Problem]:
    """What did not fit on the way, and where it led elsewhere than to what is stored."""
    yield from replay.problems
    world, stored = replay.world, evidence.stored
    comparisons: dict[str, tuple[set[Any], set[Any]]] = {
        "image": (set(world.images), {(r.namespace, r.digest) for r in stored.images}),
        "manifest": (
            {(*at, m) for at, held in world.images.items() for m in held.manifests},
            {(r.namespace, r.digest, r.manifest) for r in stored.manifests},
        ),
        "index": (
            {(*at, i) for at, held in world.images.items() for i in held.indexes},
            {(r.namespace, r.digest, r.index) for r in stored.indexes},
        ),
        "name": (
            {(*at, image) for at, image in world.names.items()},
            {(r.namespace, _familiar(r.name), r.digest) for r in stored.references},
        ),
        "hold": (
            {(*at, int(number)) for number, at in world.holds.items()},
            {(r.namespace, r.digest, r.id) for r in stored.holds},
        ),
        "container": (
            {(*at, kept.runs) for at, kept in world.containers.items()},
            {(r.namespace, r.container_id, r.state in _RUNNING) for r in stored.containers},
        ),
    }
    for what, (told, there) in comparisons.items():
        for row in sorted(told - there, key=str):
            yield Problem(Verdict.INVARIANT, f"the events leave {what} {row}, it is not stored")
        for row in sorted(there - told, key=str):
            yield Problem(Verdict.INVARIANT, f"{what} {row} is stored, the events do not leave it")


def _familiar(name: str) -> str:
    return name.removeprefix("docker.io/library/").removeprefix("docker.io/")
