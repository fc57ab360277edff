"""A service with a small fleet, for Docker's own clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagedb.database import Database
from imagedb.http.asking import Service as Asked
from imagedb.http.settings import Settings
from tests.builders.api import API, an_api
from tests.builders.archives import hybrid_files, pack
from tests.builders.images import an_image, an_index
from tests.builders.service import Service, a_service
from tests.builders.world import World

BASE = an_image("a", labels={"role": "base"}, created="2024-01-01T00:00:00Z")
APP = an_image("ab", labels={"role": "app"}, created="2024-02-01T00:00:00Z")
OLD = an_image("abc", created="2024-03-01T00:00:00Z")
MULTI = an_index(
    an_image("x", created="2024-04-01T00:00:00Z"), an_image("y", platform="linux/arm64")
)


@pytest.fixture
def fleet(database: Database) -> World:
    """Three named images, one that dangles, a container that runs and one that does not."""
    world = World(database)
    world.add(BASE, "base:1", "base:stable")
    world.add(APP, "app:1")
    world.add(OLD)
    world.add(MULTI, "multi:1")
    world.run("base:1", state="running", name="web", host="web-1")
    world.run("base:1", state="exited", name="job", host="web-2")
    return world


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Iterator[Service]:
    """The service of the test's database."""
    with a_service(database, tmp_path) as running:
        yield running


@pytest.fixture
def api(fleet: World) -> Iterator[API]:
    """The service of the fleet, in this process, asked from the host `web-1`."""
    settings = Settings(host="web-1", who="ops@example.com")
    with an_api(Asked(fleet.database, settings)) as asked:
        yield asked


def an_archive() -> bytes:
    """An archive as `docker save` writes it."""
    return pack(hybrid_files([(an_image("z", labels={"role": "new"}), ["new:1"])]))
