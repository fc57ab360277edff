"""How much there is in a namespace, and how much of it images share."""

from dataclasses import dataclass

from sqlalchemy import Connection

from imagedb.records import Namespace
from imagedb.sql import usage as sql


@dataclass(frozen=True, slots=True)
class Counts:
    """Objects of a namespace."""

    images: int
    containers: int
    running: int
    """Restarting ones among them."""
    paused: int

    @property
    def stopped(self) -> int:
        """All that neither run nor pause."""
        return self.containers - self.running - self.paused


def count_objects(connection: Connection, namespace: Namespace) -> Counts:
    """Count images and containers, by one statement."""
    row = connection.execute(sql.object_counts, {"namespace": namespace.key}).one()
    return Counts(row.images, row.containers, row.running + row.restarting, row.paused)


def get_content_size(connection: Connection, namespace: Namespace) -> int:
    """Bytes of all content that images of the namespace hold, each once."""
    return int(connection.execute(sql.content_size, {"namespace": namespace.key}).scalar_one())


def shared_sizes_of(connection: Connection, namespace: Namespace) -> dict[int, int]:
    """Bytes that an image shares with others, by its row's number; left out where it is 0."""
    rows = connection.execute(sql.shared_sizes, {"namespace": namespace.key})
    return {image: int(size) for image, size in rows}
