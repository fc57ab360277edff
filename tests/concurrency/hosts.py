"""What hosts report, and what is recorded of their containers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from imagedb.containers import list_containers
from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.namespaces import get_namespace
from imagedb.procedures import perform
from imagedb.records import Container, Mount, ReportedContainer
from imagedb.reports import report_containers
from imagedb.times import find_time
from tests.builders.images import CREATED
from tests.builders.world import World

REPORTED: Final = "c0ffee" + "0" * 58
"""The ID of a container that a host tells of."""


def as_reported(image: str, *, id: str = REPORTED, state: str = "running") -> ReportedContainer:  # noqa: A002 - docker's word
    """A container as a host tells it."""
    created = find_time(CREATED)
    assert created
    return ReportedContainer(
        id=id,
        name="told",
        state=state,
        reference="app:1",
        image_digest=Digest(image),
        platform=None,
        created=created,
        started=None,
        finished=None,
    )


def mounting(
    image: str, source: str, *, target: str = "/data", state: str = "running"
) -> ReportedContainer:
    """A container that mounts an image, as a host tells it: what was typed, and no digest."""
    return replace(as_reported(image, state=state), mounts=(Mount(source, target),))


def report(
    world: World,
    *reported: ReportedContainer,
    complete: bool = False,
    host: str | None = None,
) -> dict[str, int]:
    """Tell what runs on a host."""
    told: Sequence[ReportedContainer] = reported
    caller = world.caller(host)
    return perform(
        world.database, report_containers, world.namespace, caller, told, complete=complete
    )


def containers_of(database: Database) -> dict[str, Container]:
    """All containers, by ID."""
    with database.read() as connection:
        namespace = get_namespace(connection, "default")
        found = list_containers(connection, namespace, all=True)
    return {container.id: container for container in found}
