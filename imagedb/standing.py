"""How things stand in a database: what waits for somebody, by a fixed number of statements."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from imagedb.sql import events as events_sql
from imagedb.sql import standing as sql


@dataclass(frozen=True, slots=True)
class Standing:
    """Figures of all namespaces; the mappings are by namespace, and have those with none."""

    releases: Mapping[str, int]
    """Released and not yet done."""
    stale_hosts: Mapping[str, int]
    unpositioned: int
    """Committed events without a position."""
    candidates: int
    """Content that the sweep has not looked at."""
    last_position: int


def get_standing(connection: Connection) -> Standing:
    """Count what waits."""
    releases = connection.execute(sql.releases_by_namespace)
    hosts = connection.execute(sql.stale_hosts_by_namespace)
    return Standing(
        releases={name: count for name, count in releases},
        stale_hosts={name: count for name, count in hosts},
        unpositioned=connection.execute(sql.unpositioned_events).scalar_one(),
        candidates=connection.execute(sql.waiting_candidates).scalar_one(),
        last_position=connection.execute(events_sql.last_position).scalar_one() or 0,
    )
