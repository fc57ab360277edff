"""Reads, and what tidies up."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from benchmarks.stress.dice import Dice
from benchmarks.stress.history import Arguments
from benchmarks.stress.operations import Kind, Operation, Session
from imagedb.collecting import collect
from imagedb.containers import list_containers
from imagedb.content import sweep
from imagedb.events import list_events
from imagedb.hosts import list_hosts
from imagedb.images import get_image, list_images
from imagedb.inspection import get_history, inspect_image
from imagedb.lineage import list_children, list_parents
from imagedb.records import Image, Namespace
from imagedb.releases import list_releases
from imagedb.trees import get_tree

EVENTS_AT_ONCE: Final = 500


def _an_image(dice: Dice) -> Arguments:
    return dice.place() | {"image": dice.image()}


def _anywhere(dice: Dice) -> Arguments:
    return dice.place()


def _resolve(session: Session, a: Arguments) -> str:
    return session.read(get_image, a, a["image"]).id


def _inspect(session: Session, a: Arguments) -> int:
    return len(session.read(inspect_image, a, a["image"]).manifests)


def _history(session: Session, a: Arguments) -> int:
    return len(session.read(get_history, a, a["image"]))


def _relatives(
    find: Callable[[Connection, Image], tuple[Any, ...]],
) -> Callable[[Session, Arguments], int]:
    def count(connection: Connection, namespace: Namespace, reference: str) -> int:
        return len(find(connection, get_image(connection, namespace, reference)))

    return lambda session, a: session.read(count, a, a["image"])


def _list(session: Session, a: Arguments) -> int:
    def count(connection: Connection, namespace: Namespace) -> int:
        return len(list(list_images(connection, namespace)))

    return session.read(count, a)


def _tree(session: Session, a: Arguments) -> int:
    return len(session.read(get_tree, a))


def _containers(session: Session, a: Arguments) -> int:
    return len(session.read(list_containers, a, all=True))


def _hosts(session: Session, a: Arguments) -> int:
    return len(session.read(list_hosts, a))


def _releases(session: Session, a: Arguments) -> int:
    def count(connection: Connection, namespace: Namespace) -> int:
        return len(list(list_releases(connection, namespace)))

    return session.read(count, a)


def _events(session: Session, a: Arguments) -> list[int]:
    """Follow a namespace: how many events came behind the last position seen, and the new one."""
    a["after"] = session.seen.get(a["namespace"], 0)
    found = session.read(list_events, a, after=a["after"], limit=EVENTS_AT_ONCE)
    last = found[-1].position if found else a["after"]
    session.seen[a["namespace"]] = last
    return [len(found), last]


def _sweep(session: Session, _: Arguments) -> int:
    return sweep(session.database)


def _collect(session: Session, _: Arguments) -> int:
    return collect(session.database)


READS: Final = (
    Operation("resolve", 8, Kind.OTHER, _an_image, _resolve),
    Operation("inspect", 5, Kind.OTHER, _an_image, _inspect),
    Operation("history", 2, Kind.OTHER, _an_image, _history),
    Operation("parents", 5, Kind.OTHER, _an_image, _relatives(list_parents)),
    Operation("children", 3, Kind.OTHER, _an_image, _relatives(list_children)),
    Operation("list", 3, Kind.OTHER, _anywhere, _list),
    Operation("tree", 1, Kind.OTHER, _anywhere, _tree),
    Operation("containers", 2, Kind.OTHER, _anywhere, _containers),
    Operation("hosts", 1, Kind.OTHER, _anywhere, _hosts),
    Operation("releases", 1, Kind.OTHER, _anywhere, _releases),
    Operation("events", 4, Kind.OTHER, _anywhere, _events),
    Operation("sweep", 2, Kind.OTHER, _anywhere, _sweep),
    Operation("collect", 1, Kind.OTHER, _anywhere, _collect),
)
