"""Lineage: what an image is built on and what is built on it, as its documents say."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagedb.database import Database
from imagedb.images import get_image
from imagedb.lineage import find_base
from imagedb.namespaces import add_namespace, list_namespaces
from imagedb.records import Relative
from tests.builders.images import Built, BuiltImage, an_attestation, an_image, an_index
from tests.builders.world import World, as_source

ARM = "linux/arm64/v8"


def seen(relatives: tuple[Relative, ...]) -> list[tuple[str, int, list[str], bool]]:
    """What a relative is told as: ID, shared layers, platforms, dangling."""
    return [
        (one.id, one.shared_layers, [str(p) for p in one.platforms], one.is_dangling)
        for one in relatives
    ]


def ids(relatives: tuple[Relative, ...]) -> list[str]:
    """Their IDs, in order."""
    return [one.id for one in relatives]


# ── parents and children ──────────────────────────────────────────────────────────────────────


def test_parents_are_all_prefixes_and_the_nearest_is_first(database: Database) -> None:
    """With the number of shared layers, the platforms, and whether they dangle."""
    world = World(database)
    a = world.add(an_image("a"), "base:1")
    abc = world.add(an_image("abc"))
    ab = world.add(an_image("ab"))
    app = world.add(an_image("abcd"), "app:1")
    linux = ["linux/amd64"]

    assert [(abc, 3, linux, True), (ab, 2, linux, True), (a, 1, linux, False)] == seen(
        world.parents("app:1")
    )
    dangling = sorted([ab, abc])
    assert [*((one, 1, linux, True) for one in dangling), (app, 1, linux, False)] == seen(
        world.children("base:1")
    )
    assert [(app, 3, linux, False)] == seen(world.children(abc))
    assert world.parents(a) == ()
    assert world.children(app) == ()


PREFIXES = {
    ("ab", "abc"): True,
    ("xyz", "xyzab"): True,
    ("xyz", "xyz"): False,
    ("abc", "abd"): False,
    ("abc", "xyz"): False,
    ("abc", "ab"): False,
    ("ab", "xyzab"): False,
    ("ab", "ba"): False,
    ("a", "aa"): True,
    ("aa", "aaa"): True,
    ("", "a"): False,
    ("", ""): False,
    ("a", ""): False,
}
"""Layers of two images, and whether the first is the second's parent."""


def test_parent_is_a_strict_prefix_of_at_least_one_layer(database: Database) -> None:
    """Equal layers are siblings, and an image without layers is nobody's relative."""
    parents, children = {}, {}
    for layers in PREFIXES:
        world = a_new_world(database)
        one, other = (
            world.add(an_image(letters, labels={"number": str(number)}))
            for number, letters in enumerate(layers)
        )
        parents[layers] = ids(world.parents(other)) == [one]
        children[layers] = ids(world.children(one)) == [other]

    assert parents == children == PREFIXES


def test_affinity_is_layers_then_dangling_then_id(database: Database) -> None:
    """Among parents and among children."""
    world = World(database)
    dangling = sorted(world.add(an_image("ab", labels={"n": str(n)})) for n in range(4))
    named = sorted(world.add(an_image("ab", labels={"n": str(n)}), f"n:{n}") for n in range(4, 8))
    far = world.add(an_image("a"))
    app = world.add(an_image("abc"), "app:1")

    assert [*dangling, *named, far] == ids(world.parents(app))
    assert [app] == ids(world.children(named[0]))
    above = ids(world.children(far))
    assert [*dangling, *named] == [one for one in above if one != app]
    assert above.index(app) >= len(dangling)


def test_base_is_the_nearest_named_parent(database: Database) -> None:
    """Nearer dangling ones are passed over; without a named one there is none."""
    world = World(database)
    world.add(an_image("abc"))
    b, a = world.add(an_image("ab"), "b:1"), world.add(an_image("a"), "a:1")
    app = world.add(an_image("abcd"), "app:1")

    def base() -> str | None:
        found = world.ask(lambda c, n: find_base(c, get_image(c, n, app)))
        return found.id if found else None

    assert b == base()
    world.delete("b:1", prune=False)
    assert a == base()
    world.delete("a:1", prune=False)
    assert base() is None


def test_relatives_follow_names_and_deletes(database: Database) -> None:
    """A deleted image is nobody's relative; a named one is dangling no more."""
    world = World(database)
    a, ab = world.add(an_image("a")), world.add(an_image("ab"))
    app = world.add(an_image("abc"), "app:1")
    world.delete(ab, prune=False)
    world.tag(a, "base:1")

    assert [(a, 1, ["linux/amd64"], False)] == seen(world.parents(app))
    world.delete(app, prune=False)
    assert world.children(a) == ()


# ── platforms ─────────────────────────────────────────────────────────────────────────────────


def test_relatives_have_a_platform_in_common(database: Database) -> None:
    """Equal layers on another platform make no parent."""
    world = World(database)
    world.add(an_image("a", platform="linux/arm64"), "arm:1")
    world.add(an_image("a", platform="windows/amd64"), "windows:1")
    app = world.add(an_image("ab"), "app:1")

    assert world.parents(app) == ()
    assert world.children("arm:1") == ()


SPELLINGS = {
    ("linux/arm64", "linux/arm64/v8"): ["linux/arm64"],
    ("linux/aarch64", "linux/arm64/8"): ["linux/arm64"],
    ("linux/arm", "linux/arm/v7"): ["linux/arm/v7"],
    ("linux/armhf", "linux/arm/7"): ["linux/arm/v7"],
    ("linux/amd64", "linux/x86_64"): ["linux/amd64"],
    ("linux/amd64/v1", "Linux/AMD64"): ["linux/amd64"],
    ("linux/amd64", "linux/amd64/v2"): [],
    ("linux/arm/v6", "linux/arm/v7"): [],
    ("linux/arm64/v8", "linux/arm64/v9"): [],
}
"""Two platforms as configs spell them, and the platform they have in common."""


def test_platforms_are_compared_in_normal_form(database: Database) -> None:
    """Two spellings are one platform; two variants are two."""
    parents, children = {}, {}
    for spelled in SPELLINGS:
        world = a_new_world(database)
        one = world.add(an_image("a", platform=spelled[0]))
        other = world.add(an_image("ab", platform=spelled[1]))
        parents[spelled] = [p for row in seen(world.parents(other)) for p in row[2]]
        children[spelled] = [p for row in seen(world.children(one)) for p in row[2]]

    assert parents == children == SPELLINGS


def test_relation_of_several_platforms_tells_them_all(database: Database) -> None:
    """The platforms by name; the most layers that are shared on any of them."""
    world = World(database)
    base = world.add(an_index(an_image("abc"), an_image("a", platform=ARM)), "base:1")
    one = world.add(an_index(an_image("abcx"), an_image("ab", platform=ARM)), "one:1")
    arm = world.add(an_image("ab", platform=ARM), "arm:1")

    assert [(base, 3, ["linux/amd64", "linux/arm64"], False)] == seen(world.parents(one))
    assert [(base, 1, ["linux/arm64"], False)] == seen(world.parents(arm))
    assert {(one, 3, "linux/amd64 linux/arm64"), (arm, 1, "linux/arm64")} == {
        (row[0], row[1], " ".join(row[2])) for row in seen(world.children(base))
    }
    assert [one, arm] == ids(world.children(base))


def test_relation_can_be_mutual(database: Database) -> None:
    """Each is the other's parent, on different platforms; none is its own."""
    world = World(database)
    p = world.add(an_index(an_image("a"), an_image("xy", platform=ARM)), "p:1")
    c = world.add(an_index(an_image("ab"), an_image("x", platform=ARM)), "c:1")

    assert [(c, 1, ["linux/arm64"], False)] == seen(world.parents(p))
    assert [(p, 1, ["linux/amd64"], False)] == seen(world.parents(c))
    assert [(c, 1, ["linux/amd64"], False)] == seen(world.children(p))
    assert [(p, 1, ["linux/arm64"], False)] == seen(world.children(c))


def test_image_is_never_its_own_relative(database: Database) -> None:
    """Though it hold a prefix of its own layers for the same platform."""
    world = World(database)
    app = world.add(an_index(an_image("a"), an_image("ab")), "app:1")
    child = world.add(an_image("abc"), "child:1")

    assert world.parents(app) == ()
    assert [(app, 2, ["linux/amd64"], False)] == seen(world.parents(child))
    assert [(child, 2, ["linux/amd64"], False)] == seen(world.children(app))


# ── what counts ───────────────────────────────────────────────────────────────────────────────


def test_only_present_manifests_count(database: Database) -> None:
    """Brought for this image: that another image holds the same manifest does not count."""
    world = World(database)
    member = an_image("ab")
    arm = an_image("xy", platform=ARM)
    index = an_index(member, arm, missing=[member])
    world.add(member, "alone:1")
    world.add(an_image("a"), "base:1")
    app = world.add(index, "app:1")

    assert world.parents(app) == ()
    assert names(world, world.children("base:1")) == ["alone:1"]

    world.add(replace(index, missing=()), "app:1")
    assert names(world, world.parents(app)) == ["base:1"]


def names(world: World, relatives: tuple[Relative, ...]) -> list[str]:
    """The names of relatives, in order."""
    rows = world.images()
    return [name for one in relatives for name in rows[one.id].names]


def test_dropped_platforms_do_not_count(database: Database) -> None:
    """After a delete of a platform the relation on it is gone."""
    world = World(database)
    world.add(an_image("a"), "base:1")
    app = world.add(an_index(an_image("ab"), an_image("xy", platform=ARM)), "app:1")
    world.delete("app:1", force=True, platforms=["linux/amd64"])

    assert world.parents(app) == ()
    assert world.children("base:1") == ()


def test_attestations_do_not_count(database: Database) -> None:
    """They have layers and a platform, and are no images."""
    world = World(database)
    one, other = an_image("a"), an_image("ab")
    base = world.add(an_index(one, an_attestation(one)), "base:1")
    app = world.add(an_index(other, an_attestation(other)), "app:1")

    assert [(base, 1, ["linux/amd64"], False)] == seen(world.parents(app))


def test_manifests_in_nested_indexes_count(database: Database) -> None:
    """The index is flattened."""
    world = World(database)
    base = world.add(an_image("a", platform=ARM), "base:1")
    app = world.add(an_index(an_image("x"), an_index(an_image("ab", platform=ARM))), "app:1")

    assert [(base, 1, ["linux/arm64"], False)] == seen(world.parents(app))


def test_other_namespaces_do_not_count(database: Database) -> None:
    """Though their content is stored once."""
    world, other = World(database), World(database, namespace="other", host="web-2")
    database.write(lambda connection: add_namespace(connection, "other"))
    world.add(an_image("a"), "base:1")
    app = world.add(an_image("abc"), "app:1")
    near = other.add(an_image("ab"), "base:1")
    other.add(an_image("abc"), "app:1")

    assert names(world, world.parents(app)) == ["base:1"]
    assert [near] == ids(other.parents(app))


def test_more_than_256_layers_are_too_deep(database: Database) -> None:
    """Such an image is stored and listed, and is nobody's relative; 256 are not too many."""
    world = World(database)
    layers = [f"layer{number}" for number in range(257)]
    base = world.add(an_image(layers[:1]), "base:1")
    deep = world.add(an_image(layers[:256]), "deep:1")
    deeper = world.add(an_image(layers), "deeper:1")

    assert [(base, 1, ["linux/amd64"], False)] == seen(world.parents(deep))
    assert world.parents(deeper) == ()
    assert [deep] == ids(world.children(base))
    assert world.images()[deeper].names == ("deeper:1",)


# ── against the documents ─────────────────────────────────────────────────────────────────────

NORMAL = {
    "linux/amd64": "linux/amd64",
    "linux/x86_64": "linux/amd64",
    "linux/arm64": "linux/arm64",
    "linux/arm64/v8": "linux/arm64",
}
MANIFESTS = st.tuples(st.text("ab", max_size=4), st.sampled_from(sorted(NORMAL)))
FLEETS = st.lists(
    st.tuples(st.lists(MANIFESTS, min_size=1, max_size=3), st.booleans()), min_size=1, max_size=7
)


@dataclass
class Known:
    """An image by its documents: of each platform, the lists of layers."""

    id: str
    is_named: bool
    lists: dict[str, list[list[str]]] = field(default_factory=dict)


def build(manifests: list[tuple[str, str]], label: str) -> Built:
    """An image of one manifest, or an index of several."""
    images = [
        an_image(layers, platform=platform, labels={"is": label})
        for layers, platform in dict.fromkeys(manifests)
    ]
    return images[0] if len(images) == 1 else an_index(*images)


def read(built: Built, *, is_named: bool) -> Known:
    """Read platforms and layers from the bytes of the configs."""
    known = Known(built.digest, is_named)
    for image in [built] if isinstance(built, BuiltImage) else built.members:
        assert isinstance(image, BuiltImage)
        config = json.loads(image.config.content)
        spelled = (config["os"], config["architecture"], config.get("variant"))
        platform = NORMAL["/".join(filter(None, spelled))]
        known.lists.setdefault(platform, []).append(config["rootfs"]["diff_ids"])
    return known


def shared(parent: Known, child: Known) -> Iterator[tuple[str, int]]:
    """Platforms on which one is a parent of the other, and how many layers they share."""
    for platform, lists in parent.lists.items():
        for one in lists:
            for other in child.lists.get(platform, []):
                if 0 < len(one) < len(other) and other[: len(one)] == one:
                    yield platform, len(one)


def relatives(
    pairs: list[tuple[Known, list[tuple[str, int]]]],
) -> list[tuple[str, int, list[str], bool]]:
    """What is to be told of them, in affinity order."""
    found = [
        (one.id, max(n for _, n in places), sorted({p for p, _ in places}), not one.is_named)
        for one, places in pairs
        if places
    ]
    return sorted(found, key=lambda row: (-row[1], not row[3], row[0]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fleet=FLEETS)
def test_lineage_is_what_comparing_lists_gives(
    database: Database, fleet: list[tuple[list[tuple[str, str]], bool]]
) -> None:
    """By SQL and by the documents: parents and children, their layers, platforms and order."""
    built = {
        image.digest: (image, is_named)
        for number, (manifests, is_named) in enumerate(fleet)
        for image in [build(manifests, "even" if number % 2 else "odd")]
    }
    known = [read(image, is_named=is_named) for image, is_named in built.values()]
    world = a_new_world(database)
    world.load(
        *(
            as_source(image, *([f"n:{number}"] * is_named))
            for number, (image, is_named) in enumerate(built.values())
        )
    )

    for one in known:
        others = [other for other in known if other is not one]
        parents = relatives([(other, list(shared(other, one))) for other in others])
        children = relatives([(other, list(shared(one, other))) for other in others])
        assert parents == seen(world.parents(one.id))
        assert children == seen(world.children(one.id))


def a_new_world(database: Database) -> World:
    """A namespace that nobody uses yet."""
    with database.look() as connection:
        number = len(list_namespaces(connection))
    database.write(lambda connection: add_namespace(connection, f"n{number}"))
    return World(database, namespace=f"n{number}", host=f"h{number}")
