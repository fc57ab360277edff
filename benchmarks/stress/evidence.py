"""What a run has left behind: the history of its clients, and all rows that speak of it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from benchmarks.stress.history import History
from benchmarks.stress.population import Population
from imagedb.database import Database
from imagedb.schema import (
    candidate,
    container,
    document,
    done_release,
    event,
    hold,
    host,
    image,
    image_index,
    image_manifest,
    manifest,
    namespace,
    reference,
    release,
    request,
)

Rows = list[Row[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows of the run's namespaces, as they are in the end."""

    answers: dict[str, tuple[str, Any]]
    """Operation and answer, by request ID."""
    events: Rows
    """In the order of their IDs."""
    images: Rows
    manifests: Rows
    """Those that images hold."""
    indexes: Rows
    references: Rows
    containers: Rows
    holds: Rows
    releases: Rows
    done: Rows
    candidates: int

    def events_by_request(self) -> defaultdict[str, Rows]:
        """Events, by the request that brought them about."""
        found: defaultdict[str, Rows] = defaultdict(list)
        for row in self.events:
            found[row.request_id].append(row)
        return found


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a run is judged by."""

    population: Population
    history: History
    stored: Stored


def read_stored(database: Database, population: Population, prefix: str) -> Stored:
    """Read all rows in one snapshot."""
    with database.read() as connection:
        return _read(connection, population, prefix)


def _read(connection: Connection, population: Population, prefix: str) -> Stored:
    ours = namespace.c.name.in_(population.namespaces)
    name = namespace.c.name.label("namespace")
    images = select(name, image.c.digest).join_from(image, namespace).where(ours)
    answers = select(request.c.id, request.c.operation, request.c.answer).where(
        request.c.id.startswith(f"{prefix}/", autoescape=True)
    )
    statements = {
        "events": select(event)
        .where(event.c.namespace.in_(population.namespaces))
        .order_by(event.c.id),
        "images": images,
        "manifests": images.add_columns(manifest.c.digest.label("manifest"))
        .join(image_manifest, image_manifest.c.image_id == image.c.id)
        .join(manifest, image_manifest.c.manifest_id == manifest.c.id)
        .where(image_manifest.c.is_present),
        "indexes": images.add_columns(document.c.digest.label("index"))
        .join(image_index, image_index.c.image_id == image.c.id)
        .join(document, image_index.c.document_id == document.c.id),
        "references": images.add_columns(reference.c.name).join(
            reference, reference.c.image_id == image.c.id
        ),
        "holds": images.add_columns(hold.c.id).join(hold, hold.c.image_id == image.c.id),
        "containers": select(
            name, host.c.name.label("host"), container.c.container_id, container.c.state
        )
        .join_from(container, namespace, container.c.namespace_id == namespace.c.id)
        .join(host, container.c.host_id == host.c.id)
        .where(ours),
        "releases": select(name, release.c.kind, release.c.digest, release.c.size)
        .join_from(release, namespace)
        .where(ours),
        "done": select(done_release).where(done_release.c.namespace.in_(population.namespaces)),
    }
    rows: dict[str, Any] = {key: connection.execute(s).all() for key, s in statements.items()}
    return Stored(
        answers={row.id: (row.operation, row.answer) for row in connection.execute(answers)},
        candidates=len(connection.execute(select(candidate.c.id)).all()),
        **rows,
    )
