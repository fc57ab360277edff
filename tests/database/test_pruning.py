"""Pruning a namespace: which images go, what is told of them, and what stays."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from imagedb.database import Database
from imagedb.digests import ImageID
from imagedb.filters import LabelTest, PruneFilters
from imagedb.images import get_image
from imagedb.namespaces import add_namespace
from imagedb.records import Deleted, PrunedBatch, Record, Release, Untagged
from imagedb.releases import list_releases
from tests.builders.images import Built, an_attestation, an_image, an_index
from tests.builders.world import ALL, LONG_AGO, World

DANGLING = PruneFilters()
TEAM = {"team": "web"}


def numbered(count: int, layers: str = "a") -> list[Built]:
    """Siblings, in the order of their IDs."""
    made = [an_image(layers, labels={"n": str(number)}) for number in range(count)]
    return sorted(made, key=lambda image: image.digest)


def records_of(batches: Iterable[PrunedBatch]) -> list[Record]:
    """What several batches tell."""
    return [record for batch in batches for record in batch.records]


def deleted(*images: ImageID) -> list[Record]:
    """The records of images without a name."""
    return [Deleted(image) for image in images]


# ── which images ──────────────────────────────────────────────────────────────────────────────


def test_prune_takes_dangling_images_that_nobody_needs(database: Database) -> None:
    """Those with a name stay; of the others each goes for itself, in the order of their IDs."""
    world = World(database)
    dangling = [world.add(image) for image in numbered(3)]
    named, used = world.add(an_image("x"), "app:1"), world.add(an_image("y"))
    world.run(used, state="exited")

    batches = world.prune(DANGLING)

    assert records_of(batches) == deleted(*dangling)
    assert set(world.images()) == {named, used}
    assert records_of(world.prune(DANGLING)) == []


def test_prune_of_all_takes_names_in_their_order(database: Database) -> None:
    """First what has a name, by its first one and with all of them; then the others by ID."""
    world = World(database)
    first = world.add(an_image("a"), "b:1", "x.io/z:1")
    second = world.add(an_image("b"), "c:1", "a:2")
    nameless = [world.add(image) for image in numbered(2, "c")]

    records = records_of(world.prune(ALL))

    assert records == [
        Untagged("a:2"),
        Untagged("c:1"),
        Deleted(second),
        Untagged("b:1"),
        Untagged("x.io/z:1"),
        Deleted(first),
        *deleted(*nameless),
    ]
    assert world.images() == {}


def test_parents_are_candidates_of_their_own(database: Database) -> None:
    """A dangling parent of a named image goes; a named one stays though its child goes."""
    world = World(database)
    parent, _child = world.add(an_image("a")), world.add(an_image("ab"), "app:1")
    base, lonely = world.add(an_image("x"), "base:1"), world.add(an_image("xy"))

    records = records_of(world.prune(DANGLING))

    assert set(records) == set(deleted(parent, lonely))
    assert world.images()[base].names == ("base:1",)


def test_prune_by_age_is_strictly_before(database: Database) -> None:
    """By the moment when the image entered, whatever its config says of its age."""
    world = World(database)
    old, new = (world.add(image) for image in numbered(2))
    moment = world.ask(get_image, new).entered

    assert records_of(world.prune(replace(DANGLING, until=(LONG_AGO,)))) == []
    assert records_of(world.prune(replace(DANGLING, until=(moment,)))) == deleted(old)
    assert set(world.images()) == {new}


@pytest.mark.parametrize(
    ("test", "goes"),
    [
        (LabelTest("team", None, is_wanted=True), {"labelled", "arm"}),
        (LabelTest("team", "web", is_wanted=True), {"labelled"}),
        (LabelTest("team", None, is_wanted=False), {"plain", "arm"}),
        (LabelTest("team", "web", is_wanted=False), {"plain", "arm"}),
    ],
)
def test_prune_by_label(database: Database, test: LabelTest, goes: set[str]) -> None:
    """One platform that passes is enough; what an attestation says does not count."""
    world = World(database)
    plain, on_arm = an_image("b"), an_image("c", platform="linux/arm64", labels={"team": "arm"})
    images = {
        "labelled": world.add(an_image("a", labels=TEAM)),
        "plain": world.add(an_index(plain, an_attestation(plain))),
        "arm": world.add(an_index(an_image("c"), on_arm)),
    }

    records = records_of(world.prune(replace(DANGLING, labels=(test,))))

    assert set(records) == set(deleted(*(images[name] for name in goes)))


def test_image_without_a_present_platform_passes_no_label(database: Database) -> None:
    """Not even a label that must not be there; without one it goes as others do."""
    world = World(database)
    absent = an_image("a")
    image = world.add(an_index(absent, missing=[absent]))
    no_team = LabelTest("team", None, is_wanted=False)

    assert records_of(world.prune(replace(DANGLING, labels=(no_team,)))) == []
    assert records_of(world.prune(DANGLING)) == deleted(image)


def test_prune_by_name_takes_only_names_that_match(database: Database) -> None:
    """An image goes with its last name; a dangling one matches nothing."""
    world = World(database)
    world.add(an_image("x"))
    app = world.add(an_image("a"), "app:1", "app:2")
    both = world.add(an_image("b"), "aaa:1", "app:3")

    records = records_of(world.prune(replace(ALL, references=("app", "nosuch"))))

    assert records == [Untagged("app:1"), Untagged("app:2"), Deleted(app), Untagged("app:3")]
    assert world.images()[both].names == ("aaa:1",)
    assert records_of(world.prune(replace(DANGLING, references=("*",)))) == []


def test_prune_keeps_to_its_namespace(database: Database) -> None:
    """What another one holds is not seen, though the content is shared."""
    database.write(lambda connection: add_namespace(connection, "other"))
    here, other = World(database), World(database, namespace="other")
    image = here.add(an_image("a"))
    other.add(an_image("a"))
    other.run(image)

    assert records_of(here.prune(ALL)) == deleted(image)
    assert set(other.images()) == {image}


# ── what protects ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["created", "running", "exited"])
@pytest.mark.parametrize("host", ["web-1", "web-2"])
def test_image_of_a_container_stays_with_all_its_names(
    database: Database, state: str, host: str
) -> None:
    """Whatever the container's state and host, and by whatever name it was made."""
    world = World(database)
    app = world.add(an_image("a"), "app:1", "spare:1", f"other@{an_image('a').digest}")
    world.run("app:1", state=state, host=host)
    world.delete("app:1")
    before = world.events()

    assert records_of(world.prune(ALL)) == []
    assert len(world.images()[app].names) == 2
    assert world.events() == before


def test_image_in_use_under_no_name_stays(database: Database) -> None:
    """It dangles since its name moved away or was removed by force."""
    world = World(database)
    moved, forced = world.add(an_image("a"), "app:1"), world.add(an_image("b"), "job:1")
    world.run("app:1")
    world.run("job:1", state="exited")
    world.add(an_image("c"), "app:1")
    world.delete("job:1", force=True)

    world.prune(ALL)

    assert set(world.images()) == {moved, forced}


def test_mounted_image_stays(database: Database) -> None:
    """A mount needs it as much as a container that was made of it."""
    world = World(database)
    app, tools = world.add(an_image("a"), "app:1"), world.add(an_image("b"), "tools:1")
    world.run("app:1", state="exited", mounts=["tools:1"])

    assert records_of(world.prune(ALL)) == []
    assert set(world.images()) == {app, tools}


def test_container_of_a_stale_host_protects(database: Database) -> None:
    """Nothing is ever unblocked by a clock alone."""
    world = World(database)
    app = world.add(an_image("a"))
    world.run(app, host="gone")
    world.beat("gone", lease=60)
    world.let_lapse("gone")

    assert records_of(world.prune(ALL)) == []


def test_held_image_stays(database: Database) -> None:
    """With its names; once the hold is lifted it goes."""
    world = World(database)
    app = world.add(an_image("a"), "app:1")
    world.hold("app:1")

    assert records_of(world.prune(ALL)) == []
    world.lift("app:1")
    assert records_of(world.prune(ALL)) == [Untagged("app:1"), Deleted(app)]


def test_image_whose_container_is_gone_goes(database: Database) -> None:
    """Protection ends with the container."""
    world = World(database)
    app = world.add(an_image("a"))
    world.remove(world.run(app, state="exited"))

    assert records_of(world.prune(ALL)) == deleted(app)


# ── what is told ──────────────────────────────────────────────────────────────────────────────


def test_events_are_those_of_deletes(database: Database) -> None:
    """`untag` for each name, then `delete` by the last one; of a dangling image only `delete`."""
    world = World(database)
    app = world.add(an_image("a", labels=TEAM), "app:1", f"app@{an_image('a').digest}")
    plain = world.add(an_image("b"))
    position = world.events()[-1].position

    world.prune(ALL)

    events = world.events(after=position)
    last = f"app@{an_image('a').digest}"
    assert [(event.action, event.actor_id, event.name) for event in events] == [
        ("untag", app, "app:1"),
        ("untag", app, last),
        ("delete", app, last),
        ("delete", plain, plain),
    ]
    assert events[2].attributes["team"] == "web"
    assert events[2].attributes["names"] == f"app:1,{last}"
    assert events[3].attributes["names"] == ""
    assert {event.host for event in events} == {"web-1"}


def test_index_is_told_once(database: Database) -> None:
    """Its manifests go without a record of their own."""
    world = World(database)
    built = an_index(an_image("a"), an_image("b", platform="linux/arm64"))
    both = world.add(built, f"app@{built.digest}")

    records = records_of(world.prune(ALL))

    assert records == [Untagged(f"app@{both}"), Deleted(both)]
    assert [event.action for event in world.events()[-2:]] == ["untag", "delete"]


# ── bytes ─────────────────────────────────────────────────────────────────────────────────────


def released(world: World) -> int:
    """Bytes that were released so far."""
    return world.ask(lambda connection, namespace: _sum(list_releases(connection, namespace)))


def _sum(releases: Iterable[Release]) -> int:
    return sum(release.size for release in releases)


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_freed_bytes_are_those_that_are_released(
    database: Database, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Of each batch; what images share is freed with the last of them."""
    monkeypatch.setattr("imagedb.pruning.PRUNE_BATCH", batch)
    world = World(database)
    world.add(an_image("abcx"), "kept:1")
    for layers in ("ab", "abc", "abd", "de"):
        world.add(an_index(an_image(layers), an_image(layers, platform="linux/arm64")))
    total = 0

    for one in world.prune(DANGLING):
        total += one.freed

    assert total == released(world) > 0
    assert all(one.records for one in world.prune(ALL) if one.freed)
    assert not world.images()


def test_untagging_frees_nothing(database: Database) -> None:
    """The image is still there."""
    world = World(database)
    world.add(an_image("a"), "app:1", "other:1")

    batches = world.prune(replace(ALL, references=("app",)))

    assert records_of(batches) == [Untagged("app:1")]
    assert [batch.freed for batch in batches] == [0]
