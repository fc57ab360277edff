"""Deleting images: what is told, what stays, what is let go."""

import pytest

from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.errors import ImageInUseError, ImageNotFoundError
from imagedb.records import Deleted, Untagged
from tests.builders.images import an_image, an_index
from tests.builders.world import World


def test_delete_by_only_name_prunes_dangling_parents(database: Database) -> None:
    """The name goes, the image goes, then its dangling parents, the nearest first."""
    world = World(database)
    bottom = world.add(an_image("a"))
    middle = world.add(an_image("ab"))
    app = world.add(an_image("abc"), "app:1")

    records = world.delete("app:1")

    assert records == (Untagged("app:1"), Deleted(app), Deleted(middle), Deleted(bottom))
    assert world.images() == {}
    actions = [(event.action, event.actor_id, event.name) for event in world.events()][-4:]
    assert actions == [
        ("untag", app, "app:1"),
        ("delete", app, app),
        ("delete", middle, middle),
        ("delete", bottom, bottom),
    ]


def test_delete_by_id_names_every_reason(database: Database) -> None:
    """A running container, a stopped one and two names are all told; nothing changes."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1", "other:1")
    running = world.run("app:1", state="running", host="web-2")
    stopped = world.run("app:1", state="exited")
    before = world.events()

    with pytest.raises(ImageInUseError) as caught:
        world.delete(app)

    assert str(caught.value) == (
        f"conflict: unable to delete {app.short} (cannot be forced) - image is being used by "
        f"running container {running[:12]} on host web-2"
    )
    assert [(c.kind.value, c.is_hard) for c in caught.value.conflicts] == [
        ("running container", True),
        ("stopped container", False),
        ("several references", False),
        ("several references", False),
    ]
    assert caught.value.conflicts[1].container.id == stopped  # type: ignore[union-attr]
    assert world.events() == before
    assert world.images()[app].names == ("app:1", "other:1")


def test_delete_of_platforms_ends_with_the_image(database: Database) -> None:
    """A platform goes alone; with the last one the image goes."""
    world = World(database)
    amd64, arm64 = an_image("ab", platform="linux/amd64"), an_image("ac", platform="linux/arm64/v8")
    app = world.add(an_index(amd64, arm64), "app:1")

    first = world.delete("app:1", force=True, platforms=["linux/arm64"])
    second = world.delete("app:1", force=True, platforms=["linux/amd64"])

    assert first == (Deleted(Digest(arm64.digest)),)
    assert second == (Deleted(Digest(amd64.digest)), Untagged("app:1"), Deleted(app))
    assert world.images() == {}


def test_delete_of_a_platform_minds_who_mounts_the_image(database: Database) -> None:
    """Also a container that was created from another platform of it: a mount may need any."""
    world = World(database)
    amd64, arm64 = an_image("ab"), an_image("ac", platform="linux/arm64")
    app = world.add(an_index(amd64, arm64), "app:1")
    container = world.run("app:1", platform="linux/amd64", mounts=["app:1"])

    with pytest.raises(ImageInUseError) as caught:
        world.delete("app:1", force=True, platforms=["linux/arm64"])

    assert str(caught.value) == (
        f"conflict: unable to delete {app.short} (cannot be forced) - image is being used by "
        f"running container {container[:12]}"
    )
    assert [conflict.is_hard for conflict in caught.value.conflicts] == [True]


def test_sweep_releases_what_nobody_uses(database: Database) -> None:
    """A shared layer stays until its last image goes; everything is released once."""
    world = World(database)
    one, two = an_image("ab"), an_image("ac")
    world.add(one, "one:1")
    world.add(two, "two:1")
    world.delete("one:1")
    first = _released(world)
    world.delete("two:1")
    second = _released(world)

    shared = one.layers[0].digest
    assert shared not in {digest for _, digest in first}
    assert ("blob", shared) in second
    assert len(second) == len(set(second))
    assert {kind for kind, _ in second} == {"manifest", "config", "blob", "chain"}


def test_delete_of_what_is_not_there(database: Database) -> None:
    """Not found, in docker's words."""
    with pytest.raises(ImageNotFoundError, match=r"^No such image: nosuch:latest$"):
        World(database).delete("nosuch")


def _released(world: World) -> list[tuple[str, str]]:
    return [(release.kind, release.digest) for release in world.releases()]
