"""What a text names: one resolver for every operation, its rules in their order."""

import functools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagedb.database import Database
from imagedb.digests import Digest, ImageID
from imagedb.errors import (
    AmbiguousReferenceError,
    ImageDBError,
    ImageNotFoundError,
    InvalidReferenceError,
    NamespaceNotFoundError,
)
from imagedb.images import get_image, resolve
from imagedb.inspection import get_history, inspect_image
from imagedb.namespaces import add_namespace
from imagedb.records import SourceImage, Way
from tests.builders.images import BuiltImage, an_image, an_index
from tests.builders.world import World, as_source

ABSENT = "0" * 64


def named(world: World, text: str) -> tuple[str, Way]:
    """The ID that a text resolves to, and how."""
    return (found := world.ask(resolve, text)).image.id, found.way


def not_found(world: World, text: str) -> str:
    """What is said of a text that names nothing."""
    with pytest.raises(ImageNotFoundError) as caught:
        world.ask(resolve, text)
    return f"{'ambiguous: ' if type(caught.value) is not ImageNotFoundError else ''}{caught.value}"


def digits(image_id: str, length: int) -> str:
    """The first digits of an ID."""
    return image_id.removeprefix("sha256:")[:length]


@functools.cache
def alike() -> tuple[BuiltImage, BuiltImage]:
    """Two images whose IDs have the first four digits in common, the lower ID first."""
    seen: dict[str, BuiltImage] = {}
    for number in range(5000):
        image = an_image("a", labels={"number": str(number)})
        other = seen.setdefault(digits(image.digest, 4), image)
        if other is not image:
            return (image, other) if image.digest < other.digest else (other, image)
    pytest.fail("no two IDs begin alike")


def of_sha512(layers: str, *names: str) -> SourceImage:
    """An image whose target is known by a sha512 digest."""
    source = as_source(an_image(layers), *names)
    (manifest,) = source.manifests
    digest = Digest("sha512:" + manifest.digest.removeprefix("sha256:") * 2)
    assert manifest.document
    document = replace(manifest.document, digest=digest)
    held = replace(manifest, digest=digest, document=document)
    return replace(source, id=ImageID(digest), manifests=(held,))


# ── 1. a digest alone ─────────────────────────────────────────────────────────────────────────


def test_digest_alone_is_an_id(database: Database) -> None:
    """With its algorithm or as 64 digits, of a named image or a dangling one."""
    world = World(database)
    app = world.add(an_image("a"), "app:1")
    dangling = world.add(an_image("b"))

    assert (app, Way.ID) == named(world, app) == named(world, digits(app, 64))
    assert (dangling, Way.ID) == named(world, dangling) == named(world, digits(dangling, 64))


def test_digest_of_another_algorithm_is_an_id(database: Database) -> None:
    """A valid one: of its own length, alone or behind a repository."""
    world = World(database)
    source = of_sha512("a", "app:1")
    world.load(source)

    assert (source.id, Way.ID) == named(world, source.id)
    assert (source.id, Way.REPOSITORY) == named(world, f"app@{source.id}")
    assert source.id == named(world, "app:1")[0]
    assert f"No such image: sha512:{ABSENT * 2}" == not_found(world, f"sha512:{ABSENT * 2}")
    assert f"No such image: sha384:{ABSENT[:32] * 3}" == not_found(
        world, f"sha384:{ABSENT[:32] * 3}"
    )


def test_digest_alone_is_never_a_name(database: Database) -> None:
    """64 digits that no image has are not found, though a repository be called so."""
    world = World(database)
    app = world.add(an_image("a"), f"docker.io/library/{ABSENT}:latest")

    assert f"No such image: sha256:{ABSENT}" == not_found(world, ABSENT)
    assert f"No such image: sha256:{ABSENT}" == not_found(world, f"sha256:{ABSENT}")
    assert (app, Way.NAME) == named(world, f"{ABSENT}:latest")


def test_only_targets_are_ids(database: Database) -> None:
    """Neither manifests in an index, nor configs, nor layers, whole or by their beginning."""
    world = World(database)
    member = an_image("ab")
    app = world.add(an_index(member, an_image("ab", platform="linux/arm64")), "app:1")

    for digest in (member.digest, member.config.digest, member.layers[0].digest):
        assert f"No such image: {digest}" == not_found(world, digest)
        assert "No such image: " in not_found(world, digits(digest, 12))
    assert (app, Way.ID) == named(world, app)


# ── 2. what does not parse ────────────────────────────────────────────────────────────────────


INVALID = {
    "": "image name cannot be blank",
    " ": "image name cannot be blank",
    "App": "invalid reference format: repository name (library/App) must be lowercase",
    "app:": "invalid reference format",
    "app@sha256:0123456789ab": "invalid reference format",
    f"app@md5:{ABSENT}": "unsupported digest algorithm",
    f"sha256:{'G' * 64}\n": "invalid reference format",
}


def test_what_does_not_parse_is_invalid(database: Database) -> None:
    """An invalid argument, in the words of distribution, before anything is looked for."""
    for text, problem in INVALID.items():
        with pytest.raises(InvalidReferenceError) as caught:
            World(database).ask(resolve, text)
        assert problem == str(caught.value)


# ── 3. repo@digest and repo:tag@digest ────────────────────────────────────────────────────────


def test_digest_reference_stands_for_its_repository(database: Database) -> None:
    """Only references of that repository qualify; a tag, if given, is compared."""
    world = World(database)
    app = world.add(an_image("a"), "app:1", "app:2", "quay.io/x:1")
    other = world.add(an_image("b"), "other:1")

    for text in (f"app@{app}", f"app:1@{app}", f"app:2@{app}", f"quay.io/x@{app}"):
        assert (app, Way.REPOSITORY) == named(world, text)
    assert (app, Way.REPOSITORY) == named(world, f"docker.io/library/app@{app}")
    for text in (f"other@{app}", f"app:3@{app}", f"app@{other}", f"x:1@{app}", f"nosuch@{app}"):
        assert f"No such image: {text}" == not_found(world, text)


def test_digest_reference_that_is_stored_is_a_name(database: Database) -> None:
    """Whatever else would qualify; and it qualifies itself."""
    world = World(database)
    image = an_image("a")
    app = world.add(image, "app:1", f"app@{image.digest}", f"web:1@{image.digest}")

    assert (app, Way.NAME) == named(world, f"app@{app}")
    assert (app, Way.NAME) == named(world, f"web:1@{app}")
    assert (app, Way.REPOSITORY) == named(world, f"app:1@{app}")
    assert (app, Way.REPOSITORY) == named(world, f"web@{app}")
    assert not_found(world, "web:1") == "No such image: web:1"
    assert f"No such image: web:2@{app}" == not_found(world, f"web:2@{app}")


def test_tag_is_compared_with_a_tag(database: Database) -> None:
    """A digest reference has none, so that no tag qualifies it."""
    world = World(database)
    image = an_image("a")
    app = world.add(image, f"app@{image.digest}")

    assert f"No such image: app:1@{app}" == not_found(world, f"app:1@{app}")
    assert f"No such image: app:latest@{app}" == not_found(world, f"app:latest@{app}")


# ── 4. an exact reference before any ID prefix ────────────────────────────────────────────────


def test_name_is_found_however_it_is_typed(database: Database) -> None:
    """Domain and `library/` may be left out, and the tag where it is `latest`."""
    world = World(database)
    app = world.add(an_image("a"), "app:latest")

    for text in ("app", "app:latest", "library/app", "docker.io/app", "index.docker.io/app:latest"):
        assert (app, Way.NAME) == named(world, text)
    assert not_found(world, "app:1") == "No such image: app:1"
    assert not_found(world, "quay.io/app") == "No such image: quay.io/app:latest"


def test_name_wins_over_the_beginning_of_an_id(database: Database) -> None:
    """Of another image's ID, of its own, and of several images' IDs."""
    world = World(database)
    first, second = alike()
    world.add(first)
    world.add(second)
    for length in (4, 8, 12):
        app = world.add(an_image("b"), f"{digits(first.digest, length)}:latest")
        assert (app, Way.NAME) == named(world, digits(first.digest, length))
    own = world.add(an_image("c"), f"{digits(an_image('c').digest, 8)}:latest")

    assert (own, Way.NAME) == named(world, digits(own, 8))
    assert (own, Way.ID) == named(world, f"sha256:{digits(own, 8)}")


def test_name_that_is_gone_leaves_the_id(database: Database) -> None:
    """After the name was removed its text is the beginning of an ID again."""
    world = World(database)
    image = world.add(an_image("a"))
    world.add(an_image("b"), f"{digits(image, 8)}:latest")
    world.delete(f"{digits(image, 8)}:latest")

    assert (image, Way.ID) == named(world, digits(image, 8))


# ── 5. the beginning of an ID ─────────────────────────────────────────────────────────────────


def test_beginning_of_an_id_has_4_to_63_digits(database: Database) -> None:
    """With or without `sha256:`; fewer are a name."""
    world = World(database)
    app = world.add(an_image("a"), "app:1")

    for length in range(4, 64):
        assert (app, Way.ID) == named(world, digits(app, length))
        assert (app, Way.ID) == named(world, f"sha256:{digits(app, length)}")
    three = digits(app, 3)
    assert f"No such image: {three}:latest" == not_found(world, three)
    assert f"No such image: sha256:{three}" == not_found(world, f"sha256:{three}")


def test_beginning_of_an_id_is_bare(database: Database) -> None:
    """With a tag, a domain, capitals or another algorithm it is a name, or invalid."""
    world = World(database)
    app = world.add(an_image("a"), "app:1")
    prefix = digits(app, 12)

    assert f"No such image: {prefix}:1" == not_found(world, f"{prefix}:1")
    assert f"No such image: {prefix}:latest" == not_found(world, f"library/{prefix}")
    assert f"No such image: quay.io/{prefix}:latest" == not_found(world, f"quay.io/{prefix}")
    assert f"No such image: sha512:{prefix}" == not_found(world, f"sha512:{prefix}")


def test_beginning_of_several_ids_is_ambiguous(database: Database) -> None:
    """The candidates are told in order; one digit more, or one image less, and it is clear."""
    world = World(database)
    first, second = map(world.add, alike())
    for text in (digits(first, 4), f"sha256:{digits(first, 4)}"):
        with pytest.raises(AmbiguousReferenceError) as caught:
            world.ask(resolve, text)
        assert ("ambiguous reference", (first, second)) == (
            str(caught.value),
            caught.value.candidates,
        )
    clear = next(n for n in range(5, 64) if digits(first, n) != digits(second, n))

    assert (first, Way.ID) == named(world, digits(first, clear))
    assert (second, Way.ID) == named(world, digits(second, clear))
    world.delete(first)
    assert (second, Way.ID) == named(world, digits(second, 4))


def test_beginning_is_of_this_namespace(database: Database) -> None:
    """What another namespace holds neither answers nor makes ambiguous; nor do its names."""
    world, other = World(database), World(database, namespace="other", host="web-2")
    database.write(lambda connection: add_namespace(connection, "other"))
    first, second = alike()
    mine = world.add(first)
    theirs = other.add(second, "app:1")

    assert (mine, Way.ID) == named(world, digits(mine, 4))
    assert (theirs, Way.ID) == named(other, digits(theirs, 4))
    assert f"No such image: {theirs}" == not_found(world, theirs)
    assert not_found(world, "app:1") == "No such image: app:1"


@pytest.fixture
def crowd(database: Database) -> tuple[World, list[str]]:
    """A hundred images."""
    world = World(database)
    images = [an_image("a", labels={"number": str(number)}) for number in range(100)]
    world.load(*map(as_source, images))
    return world, [image.digest for image in images]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_beginning_of_an_id_means_what_it_says(
    crowd: tuple[World, list[str]], data: st.DataObject
) -> None:
    """It names exactly the images whose ID begins with it."""
    world, ids = crowd
    known = st.builds(digits, st.sampled_from(ids), st.integers(4, 8))
    text = data.draw(known | st.text("0123456789abcdef", min_size=4, max_size=5))
    expected = sorted(one for one in ids if digits(one, len(text)) == text)

    try:
        found = [world.ask(get_image, text).id]
    except AmbiguousReferenceError as error:
        found = list(map(ImageID, error.candidates))
    except ImageNotFoundError:
        found = []

    assert expected == found


# ── 6. the name of a dangling image ───────────────────────────────────────────────────────────


def test_dangling_name_is_the_id_while_the_image_dangles(database: Database) -> None:
    """Named, it is not found; unnamed again, it is the ID again."""
    world = World(database)
    app = world.add(an_image("a"))
    name = f"moby-dangling@{app}"
    spelled = f"docker.io/library/{name}"

    assert (app, Way.ID) == named(world, name) == named(world, spelled)
    world.tag(name, "app:1")
    assert f"No such image: {name}" == not_found(world, name) == not_found(world, spelled)
    world.add(an_image("b"), "app:1")
    assert (app, Way.ID) == named(world, name)


def test_dangling_name_of_nothing_is_not_found(database: Database) -> None:
    """Of an unknown digest, with a tag, in another registry's repository."""
    world = World(database)
    app = world.add(an_image("a"))

    for text in (
        f"moby-dangling@sha256:{ABSENT}",
        f"moby-dangling:1@{app}",
        f"quay.io/moby-dangling@{app}",
        f"moby@{app}",
    ):
        assert f"No such image: {text}" == not_found(world, text)
    assert not_found(world, "moby-dangling") == "No such image: moby-dangling:latest"


def test_dangling_name_of_a_sha512_image(database: Database) -> None:
    """Whatever the algorithm of the ID."""
    world = World(database)
    source = of_sha512("a")
    world.load(source)

    assert (source.id, Way.ID) == named(world, f"moby-dangling@{source.id}")


# ── one resolver ──────────────────────────────────────────────────────────────────────────────

OPERATIONS: dict[str, Callable[[World, str], object]] = {
    "get": lambda world, text: world.ask(get_image, text),
    "inspect": lambda world, text: world.ask(inspect_image, text),
    "history": lambda world, text: world.ask(get_history, text),
    "tag": lambda world, text: world.tag(text, "new:1"),
    "delete": lambda world, text: world.delete(text),
    "force delete": lambda world, text: world.delete(text, force=True),
    "create": lambda world, text: world.run(text, state="created"),
    "mount": lambda world, text: world.run("known:1", state="created", mounts=[text]),
    "parents": lambda world, text: world.parents(text),
    "children": lambda world, text: world.children(text),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_resolves_alike(database: Database, operation: str) -> None:
    """What names nothing, or too much, is told in the same words by all; nothing changes."""
    world = World(database)
    first, _ = [world.add(image) for image in alike()]
    world.add(an_image("b"), "known:1")
    before = world.events()

    for text, *expected in (
        ("nosuch", "ImageNotFoundError", "No such image: nosuch:latest"),
        (f"known:2@{first}", "ImageNotFoundError", f"No such image: known:2@{first}"),
        (digits(first, 4), "AmbiguousReferenceError", "ambiguous reference"),
        ("a//b", "InvalidReferenceError", "invalid reference format"),
        (" ", "InvalidReferenceError", "image name cannot be blank"),
    ):
        with pytest.raises(ImageDBError) as caught:
            OPERATIONS[operation](world, text)
        assert expected == [type(caught.value).__name__, str(caught.value)]
    assert before == world.events()


@pytest.mark.parametrize("operation", ["get", "tag", "create", "delete"])
def test_unknown_namespace_names_the_near_ones(database: Database, operation: str) -> None:
    """Reading or writing; a namespace never comes into being by being used."""
    for name in ("prod", "production", "testing"):
        database.write(functools.partial(add_namespace, name=name))

    with pytest.raises(NamespaceNotFoundError) as caught:
        OPERATIONS[operation](World(database, namespace="prd"), "app:1")

    assert str(caught.value) == "No such namespace: prd (did you mean prod?)"
    assert caught.value.near == ("prod",)
