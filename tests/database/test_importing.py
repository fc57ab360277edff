"""Importing: what is stored, what names mean afterwards, who is linked."""

from collections import Counter
from dataclasses import replace

import pytest

from imagedb.containers import list_containers
from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.inspection import inspect_image
from imagedb.namespaces import add_namespace
from imagedb.records import Container, Mount, Replaced, ReportedContainer
from tests.builders.images import Built, an_attestation, an_image, an_index
from tests.builders.tables import counts, dump
from tests.builders.world import World, as_source, platforms
from tests.concurrency.hosts import as_reported, report

AMD, ARM = an_image("ab"), an_image("ac", platform="linux/arm64/v8")
BOTH = an_index(AMD, ARM)


def held(world: World, image: str) -> list[tuple[str, bool]]:
    """What an image names and whether it holds it, in index order."""
    return [(m.digest, m.is_present) for m in world.ask(inspect_image, image).manifests]


def test_import_tells_what_it_did(database: Database) -> None:
    """Names, whether it is new, how much was brought."""
    (told,) = World(database).load(replace(as_source(BOTH, "app:1", "app"), bare_tag="v1"))

    parts = {AMD.digest: AMD.content, ARM.digest: ARM.content}
    for image in (AMD, ARM):
        parts |= {image.config.digest: image.config.content}
        parts |= {layer.digest: layer.content for layer in image.layers}
    assert told.names == ("app:1", "app:latest")
    assert (told.is_new, told.replaced, told.bare_tag) == (True, (), "v1")
    assert (told.manifests, told.layers) == (2, 3)
    assert told.size == sum(map(len, parts.values()))


def test_import_again_stores_nothing(database: Database) -> None:
    """All that is there afterwards was there before; the answer says so."""
    world = World(database)
    world.add(BOTH, "app:1")
    before = dump(database, without=("event", "request"))

    (told,) = world.load(as_source(BOTH, "app:1"))

    assert not told.is_new
    assert told.replaced == ()
    assert dump(database, without=("event", "request")) == before


def test_import_again_tells_of_it(database: Database) -> None:
    """A `load` event for each name, as docker has it, or one for none."""
    world = World(database)
    app = world.add(AMD)
    world.add(AMD, "app:1", "app:2")

    assert [(e.action, e.actor_id, e.attributes.get("reference")) for e in world.events()] == [
        ("load", app, None),
        ("load", app, "app:1"),
        ("load", app, "app:2"),
    ]


def test_import_adds_a_second_name(database: Database) -> None:
    """The first one stays."""
    world = World(database)
    world.add(AMD, "app:1")
    app = world.add(AMD, "other:1")

    assert world.images()[app].names == ("app:1", "other:1")


def test_import_over_the_only_name_leaves_the_old_image_dangling(database: Database) -> None:
    """The answer says so, and where the name was before."""
    world = World(database)
    old = world.add(an_image("x"), "app:1")

    (told,) = world.load(as_source(AMD, "app:1"))

    assert told.replaced == (Replaced("app:1", old, is_dangling=True),)
    assert world.images()[old].is_dangling
    assert world.events()[-1].attributes["previous"] == old


def test_import_over_one_name_of_two_leaves_the_other(database: Database) -> None:
    """The old image does not dangle."""
    world = World(database)
    old = world.add(an_image("x"), "app:1", "app:2")

    (told,) = world.load(as_source(AMD, "app:1"))

    assert told.replaced == (Replaced("app:1", old, is_dangling=False),)
    assert world.images()[old].names == ("app:2",)


def test_import_over_all_names_of_an_image_at_once(database: Database) -> None:
    """Whether it dangles is told as it is in the end."""
    world = World(database)
    old = world.add(an_image("x"), "app:1", "app:2")

    told = world.load(as_source(AMD, "app:1"), as_source(ARM, "app:2"))

    assert [image.replaced for image in told] == [
        (Replaced("app:1", old, is_dangling=True),),
        (Replaced("app:2", old, is_dangling=True),),
    ]


def test_import_of_several_images_answers_in_their_order(database: Database) -> None:
    """They share content, and one is the other's parent."""
    world = World(database)
    images: list[Built] = [an_image("abc"), an_image("a"), BOTH]

    told = world.load(*(as_source(image, f"i{n}:1") for n, image in enumerate(images)))

    assert [image.id for image in told] == [image.digest for image in images]
    assert [parent.id for parent in world.parents("i0:1")] == [BOTH.digest, images[1].digest]
    assert counts(database)["blob"] == 3


# ── platforms that come later ─────────────────────────────────────────────────────────────────


def test_absent_platform_is_completed_later(database: Database) -> None:
    """Size, platforms and date follow; the image is not new."""
    world = World(database)
    late = an_image("abd", created="2025-05-05T00:00:00Z")
    index = an_index(ARM, late)
    app = world.add(replace(index, missing=(late,)), "app:1")
    before = world.images()[app]

    (told,) = world.load(as_source(index))

    after = world.images()[app]
    assert not told.is_new
    assert (before.platforms, after.platforms) == (
        platforms("linux/arm64"),
        platforms("linux/arm64", "linux/amd64"),
    )
    assert (before.created, after.created) == (
        as_source(ARM).manifests[0].created,
        as_source(late).manifests[0].created,
    )
    assert after.content_size == told.size > before.content_size


def test_image_keeps_what_a_later_import_does_not_bring(database: Database) -> None:
    """Each of two archives brings one half."""
    world = World(database)
    app = world.add(replace(BOTH, missing=(ARM,)), "app:1")
    world.add(replace(BOTH, missing=(AMD,)))

    assert held(world, app) == [(AMD.digest, True), (ARM.digest, True)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first half first", "second half first"])
def test_nested_indexes_may_come_in_halves(database: Database, order: tuple[int, int]) -> None:
    """In whichever order: an index that was absent gives its place to what it names."""
    world = World(database)
    one, two = an_index(ARM, an_image("x")), an_index(an_image("y"))
    whole = an_index(AMD, one, two)
    halves = [replace(whole, missing=(two,)), replace(whole, missing=(one,))]
    for half in order:
        world.add(halves[half], "app:1")

    members = [AMD, *one.members, *two.members]
    assert held(world, "app:1") == [(member.digest, True) for member in members]
    world.delete("app:1")
    released = {release.digest for release in world.releases()}
    assert {whole.digest, one.digest, two.digest} <= released


def test_nested_index_may_come_without_its_members(database: Database) -> None:
    """What it names is known then, and the index itself is held."""
    world = World(database)
    inner = an_index(ARM)
    whole = an_index(AMD, inner)
    world.add(replace(whole, missing=(inner,)), "app:1")
    empty = replace(inner, missing=(ARM,))
    world.add(replace(whole, members=(AMD, empty)))

    assert held(world, "app:1") == [(AMD.digest, True), (ARM.digest, False)]
    world.delete("app:1")
    assert inner.digest in {release.digest for release in world.releases()}


def test_presence_is_per_image(database: Database) -> None:
    """What another image holds, here or in another namespace, is not brought for this one."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    World(database, "lab", host="lab-1").add(BOTH, "app:1")
    world = World(database)
    world.add(ARM, "arm:1")
    app = world.add(replace(BOTH, missing=(ARM,)), "app:1")

    assert held(world, app) == [(AMD.digest, True), (ARM.digest, False)]
    assert world.images()[app].platforms == platforms("linux/amd64")


def test_content_of_two_namespaces_is_stored_once(database: Database) -> None:
    """And neither sees the other's images or names."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    world, lab = World(database), World(database, "lab", host="lab-1")
    world.add(AMD, "app:1")
    before = counts(database)
    app = lab.add(AMD, "lab:1")

    after = counts(database)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"image", "image_manifest", "reference", "event", "request"}
    assert lab.images()[app].names == ("lab:1",)
    lab.delete("lab:1")
    assert world.images()[app].names == ("app:1",)
    assert world.releases() == ()


# ── odd content ───────────────────────────────────────────────────────────────────────────────


def test_labels_with_odd_characters_are_kept(database: Database) -> None:
    """What no database stores is replaced; all else comes back as it was."""
    world = World(database)
    kept = {"": "no key", "line\nend": "tab\t", "größe": "20 µm 🐳", "a,b": 'quote " and \\'}
    world.add(an_image("a", labels={**kept, "nul": "a\0b", "half": "\ud83d"}), "app:1")

    details = world.ask(inspect_image, "app:1")

    assert details.labels == {**kept, "nul": "a\N{REPLACEMENT CHARACTER}b", "half": "\ufffd"}
    attributes = world.events()[-1].attributes
    assert kept.items() <= attributes.items()


def test_image_of_300_layers_is_stored(database: Database) -> None:
    """Without relatives, but with all its layers and bytes."""
    world = World(database)
    layers = [f"layer {number}" for number in range(300)]
    deep = an_image(layers)
    world.add(an_image(layers[:2]))
    app = world.add(deep, "deep:1")

    (manifest,) = world.ask(inspect_image, "deep:1").manifests

    assert list(manifest.diff_ids) == deep.diff_ids
    assert world.images()[app].content_size == as_size(deep)
    assert world.parents("deep:1") == ()


def as_size(image: Built) -> int:
    """Bytes of all its parts, each once."""
    return sum(map(len, image.blobs.values()))


# ── who waits ─────────────────────────────────────────────────────────────────────────────────


def container_of(world: World, container: str) -> Container:
    """A container as it is listed."""
    return next(c for c in world.ask(list_containers, all=True) if c.id == container)


def waiting(digest: str, *mounted: str) -> ReportedContainer:
    """A container whose host tells this digest, and that mounts others."""
    told = as_reported(Digest(digest))
    mounts = tuple(Mount(f"m{n}:1", f"/mnt/{n}", Digest(d)) for n, d in enumerate(mounted))
    return replace(told, mounts=mounts)


@pytest.mark.parametrize(
    "told", [BOTH.digest, ARM.digest, ARM.config.digest], ids=["image", "manifest", "config"]
)
def test_container_that_waits_is_linked(database: Database, told: str) -> None:
    """By whichever digest its host tells; then the image cannot go from under it."""
    world = World(database)
    reported = waiting(told, told)
    report(world, reported)
    assert container_of(world, reported.id).is_image_missing

    app = world.add(BOTH, "app:1")

    linked = container_of(world, reported.id)
    assert not linked.is_image_missing
    assert [mount.is_image_missing for mount in linked.mounts] == [False]
    assert world.images()[app].containers == 1


def test_container_of_an_absent_platform_waits_on(database: Database) -> None:
    """Until an import brings that platform."""
    world = World(database)
    reported = waiting(ARM.config.digest, ARM.digest)
    report(world, reported)
    world.add(replace(BOTH, missing=(ARM,)), "app:1")
    before = container_of(world, reported.id)
    world.add(BOTH)
    after = container_of(world, reported.id)

    assert (before.is_image_missing, before.mounts[0].is_image_missing) == (True, True)
    assert (after.is_image_missing, after.mounts[0].is_image_missing) == (False, False)


def test_container_of_an_attestation_waits(database: Database) -> None:
    """Nothing runs an attestation."""
    world = World(database)
    attestation = an_attestation(AMD)
    reported = waiting(attestation.digest)
    report(world, reported)
    world.add(an_index(AMD, attestation), "app:1")

    assert container_of(world, reported.id).is_image_missing


def test_container_waits_for_the_image_before_its_holder(database: Database) -> None:
    """Of what one import brings, the image of that ID comes before an index that names it."""
    world = World(database)
    report(world, waiting(AMD.digest))
    others = [an_index(AMD, *(an_image(str(number)) for number in range(n))) for n in range(4)]
    assert min(other.digest for other in others) < AMD.digest
    world.load(*map(as_source, others), as_source(AMD))

    used = {image.id for image in world.images().values() if image.containers}
    assert used == {AMD.digest}


def test_container_is_linked_again_after_a_forced_delete(database: Database) -> None:
    """It kept the digest."""
    world = World(database)
    app = world.add(AMD, "app:1")
    container = world.run("app:1", state="exited", mounts=["app:1"])
    world.delete(app, force=True)
    before = container_of(world, container)
    world.add(AMD)
    after = container_of(world, container)

    assert (before.is_image_missing, before.mounts[0].is_image_missing) == (True, True)
    assert (after.is_image_missing, after.mounts[0].is_image_missing) == (False, False)
    assert Counter(event.action for event in world.events())["load"] == 2


def test_container_of_another_namespace_is_not_linked(database: Database) -> None:
    """It waits for its own namespace's image."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    lab = World(database, "lab", host="lab-1")
    reported = waiting(AMD.digest, AMD.digest)
    report(lab, reported)
    World(database).add(AMD, "app:1")

    told = container_of(lab, reported.id)
    assert (told.is_image_missing, told.mounts[0].is_image_missing) == (True, True)
