"""Inspection: what stands for an image, what it holds, and how it was built."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from imagedb.database import Database
from imagedb.errors import ImageNotFoundError, PlatformNotFoundError
from imagedb.hosts import add_host
from imagedb.images import get_image
from imagedb.inspection import get_history, inspect_image
from imagedb.platforms import parse_platform
from imagedb.procedures import perform
from imagedb.records import ImageDetails, ImageSummary, SourceImage, SourceLayer
from tests.builders.images import (
    Blob,
    BuiltImage,
    a_manifest,
    an_artifact,
    an_attestation,
    an_image,
    an_index,
    as_json,
)
from tests.builders.world import World, as_source, platforms

AMD64, ARM64, S390X = platforms("linux/amd64", "linux/arm64", "linux/s390x")


def changed(image: BuiltImage, **members: object) -> BuiltImage:
    """The same image with other members in its config."""
    document = json.loads(image.config.content) | members
    config = Blob(as_json(document), image.config.media_type)
    manifest = a_manifest(config, image.layers)
    return BuiltImage(manifest, image.media_type, config, image.layers, image.platform)


def bytes_of(*images: BuiltImage) -> int:
    """Manifests, configs and layer files, each once."""
    parts = [part for image in images for part in (image, image.config, *image.layers)]
    return sum(len(content) for content in {part.digest: part.content for part in parts}.values())


def summary(world: World, name: str) -> ImageSummary:
    """Its row of `image ls`."""
    return world.images()[world.ask(get_image, name).id]


def labelled(platform: str, label: str, layers: str = "a") -> BuiltImage:
    """An image of a platform, whose label tells it apart."""
    return an_image(layers, platform=platform, labels={"is": label})


# ── what stands for an image ──────────────────────────────────────────────────────────────────


def chosen(details: ImageDetails) -> tuple[str | None, str | None]:
    """Which platform stands for the image, and the label that proves it."""
    platform = details.chosen.platform if details.chosen else None
    return str(platform) if platform else None, details.labels.get("is")


def test_wanted_platform_stands_for_the_image(database: Database) -> None:
    """However it is spelled; one that is not held is not found, in moby's words."""
    world = World(database)
    world.add(an_index(labelled("linux/amd64", "amd"), labelled("linux/arm64/v8", "arm")), "app:1")

    for text, expected in (
        ("linux/arm64", ("linux/arm64", "arm")),
        ("linux/aarch64/v8", ("linux/arm64", "arm")),
        ("linux/x86_64", ("linux/amd64", "amd")),
    ):
        details = world.ask(inspect_image, "app:1", platform=parse_platform(text))
        assert expected == chosen(details)
    for ask in (inspect_image, get_history):
        with pytest.raises(PlatformNotFoundError) as caught:
            world.ask(ask, "app:1", platform=S390X)
        assert str(caught.value) == (
            "image with reference app:1 was found but does not provide the specified platform "
            "(linux/s390x)"
        )


def test_platform_of_the_host_stands_for_the_image(database: Database) -> None:
    """If it told one, and the image holds it; else linux/amd64, else the first in index order."""
    world = World(database)
    for host, platform in (("arm", ARM64), ("mainframe", S390X), ("mute", None)):
        perform(database, add_host, "default", world.caller(), host, platform=platform)
    arm, amd = labelled("linux/arm64", "arm"), labelled("linux/amd64", "amd")
    windows = labelled("windows/amd64", "windows")
    world.add(an_index(windows, arm, amd), "all:1")
    world.add(an_index(windows, arm), "some:1")

    seen = {
        (name, host): chosen(world.ask(inspect_image, name, host=host))[1]
        for name in ("all:1", "some:1")
        for host in ("arm", "mainframe", "mute", "nosuch", None)
    }

    assert seen == {
        ("all:1", "arm"): "arm",
        ("all:1", "mainframe"): "amd",
        ("all:1", "mute"): "amd",
        ("all:1", "nosuch"): "amd",
        ("all:1", None): "amd",
        ("some:1", "arm"): "arm",
        ("some:1", "mainframe"): "windows",
        ("some:1", "mute"): "windows",
        ("some:1", "nosuch"): "windows",
        ("some:1", None): "windows",
    }
    wanted = world.ask(inspect_image, "all:1", host="arm", platform=AMD64)
    assert chosen(wanted) == ("linux/amd64", "amd")


def test_absent_platforms_stand_for_nothing(database: Database) -> None:
    """Nor do attestations and artifacts; without any other, nothing stands for the image."""
    world = World(database)
    amd, arm = labelled("linux/amd64", "amd"), labelled("linux/arm64", "arm")
    world.add(an_index(amd, an_attestation(amd), arm, missing=[amd]), "app:1")
    world.add(an_index(amd, arm, missing=[amd, arm]), "empty:1")
    world.add(an_artifact(), "artifact:1")

    assert chosen(world.ask(inspect_image, "app:1")) == ("linux/arm64", "arm")
    for name in ("empty:1", "artifact:1"):
        details = world.ask(inspect_image, name)
        assert (details.chosen, details.config, details.labels) == (None, {}, {})
        assert world.ask(get_history, name) == ()
        assert details.image.created is None
        assert summary(world, name).platforms == ()
    with pytest.raises(PlatformNotFoundError):
        world.ask(inspect_image, "app:1", platform=AMD64)


def test_created_is_of_the_platform_that_stands_by_default(database: Database) -> None:
    """linux/amd64's, wherever in the index it is; else the first present one's."""
    world = World(database)
    amd = an_image("a", created="2024-03-03T00:00:00Z")
    arm = an_image("a", platform="linux/arm64", created="2024-02-02T00:00:00Z")
    world.add(an_index(arm, amd), "both:1")
    world.add(an_index(arm, amd, missing=[arm]), "amd:1")
    world.add(arm, "arm:1")
    world.add(an_image("a", created=None), "never:1")
    world.add(an_image("b", created="no time"), "broken:1")

    march, february = datetime(2024, 3, 3, tzinfo=UTC), datetime(2024, 2, 2, tzinfo=UTC)
    created = {name: summary(world, name).created for name in ("both:1", "amd:1", "arm:1")}
    assert created == {"both:1": march, "amd:1": march, "arm:1": february}
    assert summary(world, "never:1").created is None
    assert summary(world, "broken:1").created is None
    world.delete("both:1", force=True, platforms=["linux/amd64"])
    assert february == summary(world, "both:1").created


# ── what an image holds ───────────────────────────────────────────────────────────────────────


def test_inspection_lists_what_the_index_names(database: Database) -> None:
    """In index order, present or not, of every kind, with what each holds."""
    world = World(database)
    amd, arm = labelled("linux/amd64", "amd", "ab"), labelled("linux/arm64", "arm", "ac")
    note = an_attestation(amd)
    index = an_index(arm, amd, note, missing=[arm])
    world.add(index, "app:1", "web:2")

    details = world.ask(inspect_image, "app:1")

    assert details.names == ("app:1", "web:2")
    assert (index.digest, index.media_type, len(index.content)) == (
        details.image.id,
        details.image.media_type,
        details.image.size,
    )
    assert [
        (arm.digest, "image", "linux/arm64", False, 0, []),
        (amd.digest, "image", "linux/amd64", True, bytes_of(amd), amd.diff_ids),
        (note.digest, "attestation", "unknown/unknown", True, bytes_of(note), []),
    ] == [
        (m.digest, m.kind, str(m.platform), m.is_present, m.content_size, list(m.diff_ids))
        for m in details.manifests
    ]


def test_inspection_shows_the_config_as_it_was_stored(database: Database) -> None:
    """Every member, those that imagedb knows nothing of among them."""
    world = World(database)
    image = changed(an_image("a", labels={"team": "web"}), strange={"deep": [1, 2.5, None]})
    world.add(image, "app:1")

    details = world.ask(inspect_image, "app:1")

    assert json.loads(image.config.content) == details.config
    assert details.labels == {"team": "web"}


def test_sizes_count_each_content_once(database: Database) -> None:
    """Of an image, over its platforms; of the rows of a list, each for itself."""
    world = World(database)
    amd, arm = labelled("linux/amd64", "amd", "ab"), labelled("linux/arm64", "arm", "ab")
    world.add(an_index(amd, arm), "both:1")
    world.add(amd, "amd:1")
    world.add(labelled("linux/amd64", "twice", "aa"), "twice:1")

    assert bytes_of(amd, arm) == summary(world, "both:1").content_size
    assert bytes_of(amd) == summary(world, "amd:1").content_size
    assert bytes_of(labelled("linux/amd64", "twice", "aa")) == (
        summary(world, "twice:1").content_size
    )
    world.delete("both:1", force=True, platforms=["linux/arm64"])
    assert bytes_of(amd) == summary(world, "both:1").content_size


def test_last_tagged_is_of_the_newest_name(database: Database) -> None:
    """Names that moved here count from when they moved; a dangling image was never tagged."""
    world = World(database)
    old = world.add(an_image("a"), "app:1")
    new = world.add(an_image("b"))
    before = world.ask(inspect_image, old).last_tagged

    world.tag(new, "app:1")

    moved = world.ask(inspect_image, new).last_tagged
    assert world.ask(inspect_image, old).last_tagged is None
    assert before is not None
    assert moved is not None
    assert before < moved


def test_inspection_of_nothing_is_not_found(database: Database) -> None:
    """Before a platform is asked for."""
    for ask in (inspect_image, get_history):
        with pytest.raises(ImageNotFoundError, match=r"^No such image: nosuch:latest$"):
            World(database).ask(ask, "nosuch", platform=AMD64)


# ── history ───────────────────────────────────────────────────────────────────────────────────


def unpacked(source: SourceImage, *sizes: int | None) -> SourceImage:
    """The source, where an importer has read its layers."""
    (manifest,) = source.manifests
    layers: list[SourceLayer] = [
        replace(layer, unpacked_size=size)
        for layer, size in zip(manifest.layers, sizes, strict=True)
    ]
    return replace(source, manifests=(replace(manifest, layers=tuple(layers)),))


def test_history_is_newest_first(database: Database) -> None:
    """Steps without a layer among them; image and names stand at the newest."""
    world = World(database)
    steps = [
        {"created_by": "ADD rootfs", "created": "2024-01-01T10:00:00.5Z"},
        {"created_by": "ENV A=1", "empty_layer": True, "comment": "a comment"},
        {"created_by": "RUN make"},
        {"created_by": "CMD run", "empty_layer": True},
    ]
    image = changed(an_image("ab"), history=steps)
    world.load(unpacked(as_source(image, "app:1", "app:2"), 1000, None))
    one, two = image.diff_ids

    history = world.ask(get_history, "app:1")

    assert [
        ("CMD run", "", True, None, 0),
        ("RUN make", "", False, two, len(image.layers[1].content)),
        ("ENV A=1", "a comment", True, None, 0),
        ("ADD rootfs", "", False, one, 1000),
    ] == [(e.created_by, e.comment, e.is_empty_layer, e.diff_id, e.size) for e in history]
    assert [(image.digest, ("app:1", "app:2")), *[(None, ())] * 3] == [
        (entry.image_id, entry.names) for entry in history
    ]
    assert [None, None, None, datetime(2024, 1, 1, 10, 0, 0, 500_000, tzinfo=UTC)] == [
        entry.created for entry in history
    ]


def test_history_of_a_dangling_image_has_no_names(database: Database) -> None:
    """The image stands at the newest step still."""
    world = World(database)
    app = world.add(an_image("ab"))

    newest, oldest = world.ask(get_history, app)

    assert (app, ()) == (newest.image_id, newest.names)
    assert (oldest.image_id, oldest.names) == (None, ())


def test_history_is_of_the_platform_that_stands(database: Database) -> None:
    """The wanted one, or the host's."""
    world = World(database)
    perform(database, add_host, "default", world.caller(), "arm", platform=ARM64)
    amd, arm = an_image("a"), an_image("xyz", platform="linux/arm64")
    world.add(an_index(amd, arm), "app:1")

    assert len(world.ask(get_history, "app:1")) == 1
    assert len(world.ask(get_history, "app:1", platform=ARM64)) == 3
    assert len(world.ask(get_history, "app:1", host="arm")) == 3


@pytest.mark.parametrize("history", [None, [], "no list", [None, 7], {}])
def test_history_that_is_none_is_empty(database: Database, history: object) -> None:
    """A config may say nothing of it, or nonsense."""
    world = World(database)
    world.add(changed(an_image("a"), history=history), "app:1")

    assert world.ask(get_history, "app:1") == ()


def test_created_at_the_epoch_is_known(database: Database) -> None:
    """Reproducible builds say 1970; it is older than others, and newer than what says nothing."""
    world = World(database)
    for layer, created in (
        ("a", None),
        ("b", "1970-01-01T00:00:00Z"),
        ("c", "1969-01-01T00:00:00Z"),
    ):
        world.add(an_image(layer, created=created), f"{layer}:1")

    assert summary(world, "b:1").created == datetime(1970, 1, 1, tzinfo=UTC)
    assert summary(world, "a:1").created is None
    assert [image.names for image in world.images().values()] == [("b:1",), ("c:1",), ("a:1",)]


def test_created_of_go_s_zero_time_is_unknown(database: Database) -> None:
    """Year 1 is how Go writes that it does not know."""
    world = World(database)
    world.add(an_image("a", created="0001-01-01T00:00:00Z"), "a:1")

    assert summary(world, "a:1").created is None
