"""Who waits for an image is linked to the one that was typed, where several are meant."""

from dataclasses import replace

from sqlalchemy import Connection

from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.images import get_image
from imagedb.linking import link_waiting
from imagedb.namespaces import get_namespace
from imagedb.records import Mount
from imagedb.sql import containers as sql
from tests.builders.images import an_image, an_index
from tests.builders.world import World
from tests.concurrency.hosts import as_reported, containers_of, report


def test_link_waiting_follows_the_typed_reference(database: Database) -> None:
    """Of two images that hold a manifest, each container is linked to the one it names."""
    world = World(database)
    member = an_image("ab")
    digest = Digest(member.digest)
    ids = {
        name: world.add(an_index(member, an_image(layers, platform="linux/arm64")), name)
        for name, layers in (("one:1", "cd"), ("two:1", "ef"))
    }
    for name in ids:
        told = replace(as_reported(digest, id=name[:3]), reference=name)
        report(world, replace(told, mounts=(Mount(name, "/data", digest),)))
    keys = {name: world.ask(get_image, name).key for name in ids}
    unlinked = {"images": list(keys.values())}
    database.write(lambda connection: _unlink(connection, unlinked))

    def link(connection: Connection) -> None:
        link_waiting(connection, get_namespace(connection, "default"), [digest])

    assert all(found.is_image_missing for found in containers_of(database).values())
    database.write(link)

    with database.read() as connection:
        for name, key in keys.items():
            rows = connection.execute(sql.uses_of_images, {"images": [key]}).all()
            assert [(row.container_id, row.is_mount) for row in rows].count((name[:3], True)) == 1
            assert {row.container_id for row in rows} == {name[:3]}
            assert len(rows) == 2


def _unlink(connection: Connection, images: dict[str, list[int]]) -> None:
    connection.execute(sql.unlink_containers, images)
    connection.execute(sql.unlink_mounts, images)
