"""Load the service: many clients, mixed calls, restarts; count what failed, and watch its memory.

python -m benchmarks.service_load
python -m benchmarks.service_load --clients 64 --seconds 120 --restarts 2

Only refused connections may fail. A client whose connection was broken off by a restart before
an answer began counts as failed: the service finishes what it has begun.
"""

import argparse
import http.client
import random
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from imagedb.database import Database
from imagedb.migrations import upgrade
from tests.builders.images import an_image
from tests.builders.service import Service, a_service
from tests.builders.world import World
from tests.conformance.engine import Engine
from tests.servers import postgres_server

EXPECTED = {200, 201, 204, 304, 404, 409}
"""A client may come too late: what it wants to remove is gone, or named by another."""
RSS_BAR = 1.2
WARM_SECONDS = 0.25
"""Of the time: what was used then is before."""


@dataclass(slots=True)
class Tally:
    """What became of all calls."""

    statuses: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    failed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: int, told: str) -> None:
        """Count an answer."""
        with self.lock:
            self.statuses[status] += 1
            if status not in EXPECTED:
                self.failed.append(f"{status} {told[:200]}")

    def add_refused(self) -> None:
        """Count a connection that nobody took."""
        with self.lock:
            self.refused += 1

    def add_broken(self, error: Exception) -> None:
        """Count an answer that did not come."""
        with self.lock:
            self.failed.append(repr(error))


class Client(threading.Thread):
    """One who asks, until it is time."""

    def __init__(self, url: str, number: int, until: float, tally: Tally) -> None:
        super().__init__(name=f"client-{number}")
        self._engine = Engine(url)
        self._number = number
        self._chance = random.Random(number)
        self._until = until
        self._tally = tally

    def run(self) -> None:
        """Ask, one call after the other."""
        while time.monotonic() < self._until:
            method, path, query = self._next()
            try:
                answer = self._engine.ask(method, path, query)
            except (ConnectionRefusedError, FileNotFoundError):
                self._tally.add_refused()
                time.sleep(0.05)
            except (OSError, http.client.HTTPException) as error:
                self._tally.add_broken(error)
            else:
                self._tally.add(answer.status, answer.text)

    def _next(self) -> tuple[str, str, dict[str, str]]:
        name = f"app:{self._chance.randrange(100)}"
        own = f"own:{self._number}"
        return self._chance.choices(
            [
                ("GET", "/images/json", {}),
                ("GET", f"/images/{name}/json", {}),
                ("GET", f"/images/{name}/history", {}),
                ("GET", "/containers/json", {"all": "1"}),
                ("GET", f"/imagedb/v1/images/{name}/parents", {}),
                ("GET", "/events", {"since": "1s", "until": "0s"}),
                ("POST", f"/images/{name}/tag", {"repo": "own", "tag": str(self._number)}),
                ("DELETE", f"/images/{own}", {}),
                ("POST", "/images/prune", {}),
            ],
            weights=[1, 6, 4, 4, 4, 1, 6, 6, 0.1],
        )[0]


def main() -> int:
    """Load, restart, print; 1 if anything failed, or memory grew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--restarts", type=int, default=2)
    given = parser.parse_args()
    with postgres_server() as server, TemporaryDirectory() as folder:
        server.create_database("load")
        upgrade(server.url("load"))
        with closing(Database(server.url("load"))) as database:
            _fill(World(database))
            return _measure(database, Path(folder), given)


def _fill(world: World) -> None:
    """A hundred named images, some built on others, some in use."""
    for number in range(100):
        layers = ["base", *(f"{number}-{layer}" for layer in range(4))]
        world.add(an_image(layers), f"app:{number}")
    for number in range(20):
        world.run(f"app:{number}", name=f"c{number}", host="web-1")


def _measure(database: Database, folder: Path, given: argparse.Namespace) -> int:
    tally = Tally()
    began = time.monotonic()
    parts = given.restarts + 1
    until = began + given.seconds
    growth: list[float] = []
    with ExitStack() as stack:
        service = stack.enter_context(a_service(database, folder))
        clients = [Client(service.url, number, until, tally) for number in range(given.clients)]
        for client in clients:
            client.start()
        for part in range(parts):
            growth.append(_watch(service, began + given.seconds * (part + 1) / parts))
            if part < given.restarts:
                code, _ = service.end()
                if code:
                    tally.failed.append(f"the service ended with {code}")
                service = stack.enter_context(a_service(database, folder))
        for client in clients:
            client.join()
    return _tell(tally, growth, time.monotonic() - began)


def _watch(service: Service, until: float) -> float:
    """Give how much memory a service uses when it is over, by what it used when it was warm."""
    pid = service.process.pid
    seconds = until - time.monotonic()
    time.sleep(max(seconds * WARM_SECONDS, 0))
    before = _resident(pid)
    time.sleep(max(until - time.monotonic(), 0))
    return _resident(pid) / before


def _resident(pid: int) -> int:
    """Give the kilobytes of memory that a process uses."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def _tell(tally: Tally, growth: list[float], seconds: float) -> int:
    total = sum(tally.statuses.values())
    told = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
    print(f"{total} answers in {seconds:.0f} s, {total / seconds:.0f} a second ({told})")
    print(f"{tally.refused} connections refused, {len(tally.failed)} calls failed")
    for failure in list(dict.fromkeys(tally.failed))[:10]:
        print(f"  {failure}")
    print("memory after / before:", ", ".join(f"{one:.2f}" for one in growth))
    return 1 if tally.failed or max(growth) > RSS_BAR else 0


if __name__ == "__main__":
    raise SystemExit(main())
