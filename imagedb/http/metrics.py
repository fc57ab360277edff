"""Metrics for Prometheus: what the service has done, and how things stand.

Each service has a registry of its own. What the database knows is asked when somebody scrapes.

Source: moby, daemon/internal/metrics/metrics.go, `image_actions`, `container_actions`.
"""

from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from imagedb import errors
from imagedb.database import RETRIES, Database
from imagedb.http.actions import KINDS, Action
from imagedb.records import ConflictKind
from imagedb.standing import Standing, get_standing

LIMITS: Final = ("archive", "body", "rate", "requests", "time")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
"""Told by name; of what a client makes up each would be a series that never goes."""
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
"""Seconds: a delete takes milliseconds, an import minutes."""


class Metrics:
    """What one service counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._actions = {
            kind: Histogram(
                f"imagedb_{kind}_actions_seconds",
                f"The number of seconds it takes to process each {kind} action",
                ["action", "outcome"],
                buckets=BUCKETS,
                registry=self.registry,
            )
            for kind in KINDS
        }
        self._requests = Histogram(
            "imagedb_requests_seconds",
            "The number of seconds until a request is answered",
            ["method", "status"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._conflicts = self._counter(
            "conflicts", "Reasons that refused a delete", "kind", map(str, ConflictKind)
        )
        self._retries = self._counter(
            "transaction_retries", "Transactions that were run again", "reason", RETRIES
        )
        self._refused = self._counter(
            "refused_requests", "Requests refused by a limit", "limit", LIMITS
        )

    def acted(self, action: Action) -> None:
        """Count something that was asked of the core."""
        histogram = self._actions[action.kind]
        histogram.labels(action.action, action.outcome).observe(action.seconds)
        for conflict in action.conflicts:
            self._conflicts.labels(conflict).inc()

    def answered(self, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, str(status)).observe(seconds)

    def retried(self, reason: str) -> None:
        """Count a transaction that is run again."""
        self._retries.labels(reason).inc()

    def refused(self, limit: str) -> None:
        """Count a request that a limit refused."""
        self._refused.labels(limit).inc()

    def text(self) -> bytes:
        """Write all figures as Prometheus reads them."""
        return generate_latest(self.registry)

    def _counter(self, name: str, told: str, label: str, values: Iterable[str]) -> Counter:
        """Make a counter that tells its zeroes from the beginning."""
        counter = Counter(f"imagedb_{name}", told, [label], registry=self.registry)
        for value in values:
            counter.labels(value)
        return counter


class Standings(Collector):
    """How things stand in the database and in the pool, when somebody asks."""

    def __init__(self, database: Database, lags: Callable[[int], Iterable[int]]) -> None:
        self._database = database
        self._lags = lags

    def collect(self) -> Iterable[Metric]:
        """Give what can be told; without a database how the pool stands, and that it is gone."""
        yield from self._pool()
        try:
            with self._database.read() as connection:
                standing = get_standing(connection)
        except errors.ImageDBError:
            yield GaugeMetricFamily("imagedb_up", "Whether the database answers", value=0)
            return
        yield GaugeMetricFamily("imagedb_up", "Whether the database answers", value=1)
        yield from _tell(standing)
        yield from self._followers(standing.last_position)

    def _pool(self) -> Iterable[Metric]:
        in_use, idle = self._database.connections
        pool = GaugeMetricFamily(
            "imagedb_pool_connections", "Connections to the database", labels=["state"]
        )
        pool.add_metric(["in use"], in_use)
        pool.add_metric(["idle"], idle)
        yield pool

    def _followers(self, last: int) -> Iterable[Metric]:
        lags = list(self._lags(last))
        yield GaugeMetricFamily("imagedb_followers", "Who follows events", value=len(lags))
        yield GaugeMetricFamily(
            "imagedb_follower_lag_events",
            "By how many positions the slowest follower is behind",
            value=max(lags, default=0),
        )


def _tell(standing: Standing) -> Iterable[Metric]:
    releases = GaugeMetricFamily(
        "imagedb_releases_waiting", "Content whose bytes are to be deleted", labels=["namespace"]
    )
    for namespace, count in standing.releases.items():
        releases.add_metric([namespace], count)
    yield releases
    hosts = GaugeMetricFamily(
        "imagedb_hosts_stale", "Hosts whose lease has run out", labels=["namespace"]
    )
    for namespace, count in standing.stale_hosts.items():
        hosts.add_metric([namespace], count)
    yield hosts
    yield GaugeMetricFamily(
        "imagedb_events_without_position",
        "Committed events that no follower sees yet",
        value=standing.unpositioned,
    )
    yield GaugeMetricFamily(
        "imagedb_candidates", "Content that the sweep has not looked at", value=standing.candidates
    )
