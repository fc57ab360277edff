"""Content: what a delete lets go, the sweep, and releases: once for each time it became unused."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, func, select

from imagedb.content import SWEEP_BATCH, sweep
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.digests import chain_ids
from imagedb.namespaces import add_namespace, get_namespace
from imagedb.schema import candidate
from tests.builders.images import Built, BuiltImage, an_attestation, an_image, an_index
from tests.builders.world import World, as_source

AMD, ARM = an_image("ab"), an_image("ac", platform="linux/arm64")
BOTH = an_index(AMD, ARM)
Content = set[tuple[str, str]]


def released(world: World) -> Content:
    """Kind and digest of all that is released, each once."""
    releases = world.releases()
    found = {(release.kind, str(release.digest)) for release in releases}
    assert len(found) == len(releases)
    return found


def of(*images: Built) -> Content:
    """Everything that some images are made of."""
    found: Content = set()
    for image in images:
        if isinstance(image, BuiltImage):
            found |= {("manifest", image.digest), ("config", image.config.digest)}
            found |= {("blob", layer.digest) for layer in image.layers}
            found |= chains(image.diff_ids) if not image.annotations else set()
        else:
            found |= {("index", image.digest)} | of(*image.members)
    return found


def chains(diff_ids: Iterable[str]) -> Content:
    """The chain of each layer."""
    return {("chain", str(chain)) for chain in chain_ids(diff_ids)}


def candidates(database: Database) -> int:
    """How many wait for the sweep."""
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(candidate)).scalar_one()


def delete_and_die(world: World, reference: str) -> None:
    """Delete, and be killed after the commit."""
    world.database.write(lambda connection: delete_within(connection, world, reference))


def delete_within(connection: Connection, world: World, reference: str) -> None:
    """Delete in somebody's transaction."""
    namespace = get_namespace(connection, world.namespace)
    delete_image(connection, namespace, world.caller(), reference)


def test_delete_releases_all_that_nobody_uses(database: Database) -> None:
    """Indexes, manifests, configs, blobs and chains, with media type and bytes."""
    world = World(database)
    attestation = an_attestation(AMD)
    index = an_index(BOTH, attestation)
    world.add(index, "app:1")
    assert released(world) == set()

    world.delete("app:1")

    assert released(world) == of(index)
    told = {(r.kind, str(r.digest)): (r.media_type, r.size) for r in world.releases()}
    for kind, part in (("index", index), ("manifest", ARM), ("blob", AMD.layers[0])):
        assert told[kind, part.digest] == (part.media_type, len(part.content))
    assert told["chain", AMD.diff_ids[0]] == (None, 0)


def test_chain_is_not_used_by_who_calls_it_an_attestation(database: Database) -> None:
    """Another index calls the same manifest an image: only what that one unpacks has chains."""
    world = World(database)
    statement = an_attestation(AMD)
    named_image = an_index(AMD, replace(statement, annotations={}))
    world.add(named_image, "app:1")
    world.delete("app:1")
    assert released(world) == of(named_image)

    index = an_index(AMD, statement)
    world.add(index, "app:2")

    left = {("index", named_image.digest)} | chains(statement.diff_ids)
    assert released(world) == left  # and `db check` finds nothing wrong, as behind every test


def test_shared_content_stays_until_its_last_image_goes(database: Database) -> None:
    """A base layer, a config of two manifests, a manifest of two images."""
    world = World(database)
    packed, above = an_image("ab", compressed=True), an_image("abz")
    images: dict[str, Built] = {"amd": AMD, "packed": packed, "above": above, "both": BOTH}
    for name, image in images.items():
        world.add(image, f"{name}:1")
    assert packed.config.digest == AMD.config.digest

    gone: list[Built] = []
    for name, image in images.items():
        gone.append(image)
        world.delete(f"{name}:1", prune=False)
        left = [other for other in images.values() if other not in gone]
        assert released(world) == of(*gone) - of(*left), name


def test_platform_that_is_removed_releases_its_own(database: Database) -> None:
    """Not what the other platform, or another image, holds."""
    world = World(database)
    world.add(BOTH, "app:1")
    world.add(an_image("xc"), "other:1")

    world.delete("app:1", force=True, platforms=["linux/arm64"])

    assert released(world) == of(ARM) - of(AMD) - of(an_image("xc"))


def test_stopped_containers_hold_no_content(database: Database) -> None:
    """After a forced delete they have the digest alone."""
    world = World(database)
    app = world.add(AMD, "app:1")
    world.run(app, state="exited")

    world.delete(app, force=True)

    assert released(world) == of(AMD)


def test_dangling_image_holds_its_content(database: Database) -> None:
    """Dangling is not unused."""
    world = World(database)
    world.add(AMD, "app:1")
    world.tag(world.add(ARM), "app:1")

    assert world.images()[as_source(AMD).id].is_dangling
    assert released(world) == set()


def test_release_is_withdrawn_when_content_comes_back(database: Database) -> None:
    """And made again, when it becomes unused again."""
    world = World(database)
    world.add(AMD, "amd:1")
    world.delete("amd:1")
    first = world.releases()
    world.add(an_image("a"), "base:1")  # its layer, and that layer's chain
    second = released(world)
    world.add(AMD, "amd:1")
    assert released(world) == set()
    world.delete("amd:1")
    third = world.releases()

    base = {("blob", AMD.layers[0].digest), *chains(AMD.diff_ids[:1])}
    assert {(r.kind, r.digest) for r in first} == of(AMD)
    assert second == of(AMD) - base == released(world)
    assert min(r.released for r in third) >= max(r.released for r in first)


def test_release_that_is_not_withdrawn_stays_as_it_was(database: Database) -> None:
    """A second delete of other content makes no second release of it."""
    world = World(database)
    world.add(BOTH, "app:1")
    world.delete("app:1", force=True, platforms=["linux/arm64"])
    first = world.releases()
    world.delete("app:1")

    assert world.releases()[: len(first)] == first
    assert released(world) == of(BOTH)


def test_namespaces_release_each_for_itself(database: Database) -> None:
    """What another one uses or has released is not observable."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    world, lab = World(database), World(database, "lab", host="lab-1")
    for each in (world, lab):
        each.add(AMD, "app:1")

    world.delete("app:1")
    assert (released(world), released(lab)) == (of(AMD), set())
    lab.delete("app:1")
    assert released(lab) == of(AMD)
    lab.add(AMD, "app:1")

    assert (released(world), released(lab)) == (of(AMD), set())
    assert {release.namespace for release in world.releases()} == {"default"}


# ── the sweep ─────────────────────────────────────────────────────────────────────────────────


def test_sweep_is_done_by_whoever_writes_next(database: Database) -> None:
    """A killed process leaves candidates, never a leak."""
    world = World(database)
    world.add(BOTH, "app:1")
    delete_and_die(world, "app:1")
    assert candidates(database) == 3
    assert released(world) == set()

    world.add(an_image("x"))

    assert candidates(database) == 0
    assert released(world) == of(BOTH)


def test_sweep_again_finds_nothing(database: Database) -> None:
    """It is told how much was found."""
    world = World(database)
    world.add(BOTH, "app:1")
    delete_and_die(world, "app:1")

    assert sweep(database) == len(of(BOTH))
    assert sweep(database) == 0
    assert released(world) == of(BOTH)


def test_sweep_leaves_what_came_back_before_it(database: Database) -> None:
    """It tests what is so when it runs."""
    world = World(database)
    world.add(BOTH, "app:1")
    delete_and_die(world, "app:1")
    world.add(AMD)

    assert candidates(database) == 0
    assert released(world) == of(BOTH) - of(AMD)


def test_sweep_of_what_two_deletes_let_go_releases_once(database: Database) -> None:
    """Both left candidates of the manifest that they shared."""
    world = World(database)
    world.add(BOTH, "both:1")
    world.add(AMD, "amd:1")
    for name in ("both:1", "amd:1"):
        delete_and_die(world, name)

    sweep(database)

    assert released(world) == of(BOTH)


def test_sweep_takes_more_than_one_batch(database: Database) -> None:
    """Content that candidates of two batches share is released once, by the last."""
    world = World(database)
    count = SWEEP_BATCH + 30
    images = [an_image("ab", labels={"n": str(number)}) for number in range(count)]
    world.load(*map(as_source, images))

    def delete_all(connection: Connection) -> None:
        for image in images:
            delete_within(connection, world, image.digest)

    database.write(delete_all)
    assert candidates(database) == count

    assert sweep(database) == len(of(*images))
    assert released(world) == of(*images)
    kinds = Counter(release.kind for release in world.releases())
    assert kinds == {"manifest": count, "config": count, "blob": 2, "chain": 2}


def test_delete_that_fails_lets_nothing_go(database: Database) -> None:
    """Neither candidates nor releases."""
    world = World(database)
    world.add(AMD, "app:1")

    def fail(connection: Connection) -> None:
        delete_within(connection, world, "app:1")
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fail)
    sweep(database)

    assert candidates(database) == 0
    assert released(world) == set()
