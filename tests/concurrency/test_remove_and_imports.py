"""The removal of a container meets an import that completes its image and links who waits."""

from dataclasses import replace

import pytest

from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.records import Mount
from imagedb.sql import containers as containers_sql
from imagedb.sql import images as images_sql
from tests.builders.images import an_image
from tests.builders.world import World
from tests.concurrency.hosts import REPORTED, as_reported, containers_of, report
from tests.concurrency.stage import Stage

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@POSTGRESQL
@pytest.mark.parametrize("is_report", [False, True])
def test_removals_note_use_one_after_the_other(
    database: Database, stage: Stage, *, is_report: bool
) -> None:
    """Who removes a container holds its images for the change before it locks the container."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    waiting = Mount("data:1", "/data", Digest("sha256:" + "f" * 64))
    report(world, replace(as_reported(app, state="exited"), mounts=(waiting,)))

    changer = stage.holds(
        lambda world: world.database.write(
            lambda connection: [
                connection.execute(images_sql.lock_images_for_change, {"images": [1]}).all(),
                connection.execute(containers_sql.lock_container, {"container": 1}).all(),
            ]
        ),
        after=images_sql.lock_images_for_change,
    )
    remover = stage.waits(
        lambda world: report(world, complete=True) if is_report else world.remove(REPORTED),
        behind=changer,
    )

    changer.ends()
    remover.ends()
    assert changer.refusals == remover.refusals == []
    assert containers_of(database) == {}
