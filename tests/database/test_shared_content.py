"""Content is stored once; nobody can observe that somebody else has it, or brought it first."""

from dataclasses import replace

from imagedb.database import Database
from imagedb.digests import Digest, chain_ids
from imagedb.namespaces import add_namespace, get_namespace
from imagedb.records import Deleted, ManifestKind, SourceImage
from imagedb.releases import list_releases
from tests.builders.images import an_image, an_index
from tests.builders.world import World, as_source


def test_delete_releases_nothing_that_was_not_held(database: Database) -> None:
    """An index that names another namespace's manifest, absent here, lets go of itself alone."""
    database.write(lambda connection: add_namespace(connection, "other"))
    here, there = World(database), World(database, namespace="other")
    arm = an_image("ab", platform="linux/arm64")
    there.add(arm, "arm:1")
    index = an_index(an_image("ac"), arm, missing=[arm])
    here.add(index, "app:1")

    here.delete("app:1")

    assert arm.digest not in released(here)
    assert index.digest in released(here)
    assert released(there) == set()


def test_import_replaces_what_a_descriptor_said(database: Database) -> None:
    """A wrong size and media type in somebody's index do not stay with the real manifest."""
    world = World(database)
    arm = an_image("ab", platform="linux/arm64")
    index = as_source(an_index(an_image("ac"), arm, missing=[arm]), "liar:1")
    wrong = replace(index.manifests[1], size=1, media_type="text/plain")
    world.load(replace(index, manifests=(index.manifests[0], wrong)))

    world.add(arm, "arm:1")

    expected = as_source(arm).manifests[0]
    size = len(arm.content) + len(arm.config.content) + sum(len(y.content) for y in arm.layers)
    assert world.images()[as_source(arm).id].content_size == size
    assert expected.size == len(arm.content)


def test_import_learns_what_the_first_importer_did_not_know(database: Database) -> None:
    """A manifest brought as a document alone becomes an image when somebody brings it whole."""
    world = World(database)
    app = an_image("abc", labels={"role": "app"})
    whole = as_source(app, "app:1")
    document = replace(
        whole.manifests[0],
        kind=ManifestKind.UNKNOWN,
        platform=None,
        config=None,
        layers=(),
        labels={},
    )
    unknown = as_source(an_index(app), "unknown:1")
    world.load(replace(unknown, manifests=(document,)))
    world.add(an_image("ab"))

    world.load(whole)

    assert [parent.shared_layers for parent in world.parents("app:1")] == [2]
    assert world.events()[-1].attributes["role"] == "app"
    assert Deleted(Digest(app.digest)) in world.delete("app:1")


def test_completing_keeps_what_was_held(database: Database) -> None:
    """Two archives that each bring another half of an index give the whole of it."""
    world = World(database)
    amd, arm = an_image("ab"), an_image("ac", platform="linux/arm64")
    first = without_platforms(as_source(an_index(amd, arm, missing=[arm]), "app:1"))
    second = without_platforms(as_source(an_index(amd, arm, missing=[amd]), "app:1"))

    world.load(first)
    world.load(second)

    platforms = world.images()[first.id].platforms
    assert [str(platform) for platform in platforms] == ["linux/amd64", "linux/arm64"]


def test_import_of_one_image_twice_at_once(database: Database) -> None:
    """What a source tells of one image in two places is put together."""
    world = World(database)
    app = an_image("ab")

    (outcome,) = world.load(as_source(app, "app:1"), as_source(app, "app:2"))

    assert outcome.names == ("app:1", "app:2")
    assert world.images()[outcome.id].names == ("app:1", "app:2")


def test_name_of_two_images_goes_to_the_later_one(database: Database) -> None:
    """The answer says who has the name; the other image is without it."""
    world = World(database)

    one, two = world.load(as_source(an_image("a"), "app:1"), as_source(an_image("b"), "app:1"))

    assert (one.names, two.names) == ((), ("app:1",))
    assert world.images()[one.id].is_dangling


def test_labels_cannot_pass_for_what_we_say(database: Database) -> None:
    """A label called `previous` is left out of events."""
    world = World(database)
    world.add(an_image("a", labels={"previous": "sha256:0", "role": "app"}), "app:1")

    world.tag("app:1", "app:2")

    assert dict(world.events()[-1].attributes) == {"name": "app:2", "role": "app"}


def test_delete_of_a_platform_takes_all_its_manifests(database: Database) -> None:
    """An index may name two manifests of one platform: both go."""
    world = World(database)
    one, two = an_image("ab"), an_image("ac")
    app = world.add(an_index(one, two, an_image("ad", platform="linux/arm64")), "app:1")

    records = world.delete("app:1", force=True, platforms=["linux/amd64"])

    assert records == (Deleted(Digest(one.digest)), Deleted(Digest(two.digest)))
    assert [str(platform) for platform in world.images()[app].platforms] == ["linux/arm64"]


def test_chains_of_a_deep_image_are_used_and_released(database: Database) -> None:
    """An image of 300 layers, too deep to be anybody's relative, still uses its chains."""
    world = World(database)
    names = [f"layer {number}" for number in range(300)]
    small, deep = an_image(names[:2]), an_image(names)
    world.add(deep, "deep:1")
    world.add(small, "small:1")

    world.delete("small:1")
    shared = set(chain_ids(small.diff_ids))
    assert not shared & released(world)

    world.delete("deep:1")
    assert set(chain_ids(deep.diff_ids)) <= released(world)


def without_platforms(image: SourceImage) -> SourceImage:
    """As from an index whose descriptors have none: only present manifests tell theirs."""
    manifests = tuple(m if m.is_present else replace(m, platform=None) for m in image.manifests)
    return replace(image, manifests=manifests)


def released(world: World) -> set[str]:
    """The digests released in a namespace."""
    with world.database.look() as connection:
        namespace = get_namespace(connection, world.namespace)
        return {release.digest for release in list_releases(connection, namespace)}
