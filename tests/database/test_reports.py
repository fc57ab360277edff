"""Reports: what a host tells is so, and telling it twice is telling it once."""

from dataclasses import replace

import pytest

from imagedb.container_requests import start_container
from imagedb.containers import list_containers
from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.errors import ConflictError, ImageInUseError, InvalidInputError
from imagedb.hosts import list_hosts
from imagedb.namespaces import add_namespace
from imagedb.platforms import parse_platform
from imagedb.procedures import perform
from imagedb.records import Caller, Container, Mount, ReportedContainer
from imagedb.reports import report_containers
from tests.builders.images import an_attestation, an_image, an_index
from tests.builders.tables import dump
from tests.builders.world import World
from tests.concurrency.hosts import as_reported, report

AMD, ARM = an_image("ab"), an_image("ac", platform="linux/arm64")
BOTH = an_index(AMD, ARM)
UNKNOWN = Digest("sha256:" + "0" * 64)
ARM_PLATFORM = parse_platform("linux/arm64")
RUNNING, STOPPED = ("running", "paused", "restarting"), ("created", "exited", "dead", "removing")


def told(number: int, image: str = UNKNOWN, state: str = "running") -> ReportedContainer:
    """A container of its own name and ID."""
    container = as_reported(Digest(image), id=f"{number:02x}".ljust(64, "0"), state=state)
    return replace(container, name=f"c{number}", platform=None)


def containers(world: World) -> dict[str, Container]:
    """All containers, by name."""
    return {container.name: container for container in world.ask(list_containers, all=True)}


def linked(world: World, container: str = "c1") -> str | None:
    """The image that a container is linked to, as lists count it."""
    assert container in containers(world)
    return next((image.id for image in world.images().values() if image.containers), None)


def test_report_records_what_it_is_told(database: Database) -> None:
    """All of it, as it is; the host comes into being."""
    world = World(database)
    app = world.add(BOTH, "app:1")
    new = replace(told(1, app, "dead"), platform=ARM_PLATFORM, started=told(1).created)

    counts = report(world, new, host="new-1")

    (known,) = world.ask(list_containers, all=True)
    assert counts == {"created": 1, "updated": 0, "removed": 0, "unlinked": 0}
    assert known == Container(
        key=known.key,
        id=new.id,
        name="c1",
        host="new-1",
        state="dead",
        reference="app:1",
        image_digest=app,
        is_image_missing=False,
        platform=ARM_PLATFORM,
        created=new.created,
        started=new.started,
        finished=None,
    )
    (host,) = world.ask(list_hosts)
    assert (host.name, host.containers, host.running) == ("new-1", 1, 0)


def test_report_twice_changes_nothing_the_second_time(database: Database) -> None:
    """No row, no event, and the counts say so."""
    world = World(database)
    app = world.add(BOTH, "app:1")
    mounting = replace(told(2, app), mounts=(Mount("app:1", "/a", app), Mount("x", "/b")))
    fleet = (told(1, app), mounting, told(3), told(4, ARM.config.digest, "exited"))
    first = report(world, *fleet, complete=True)
    before = dump(database, without=("request", "heartbeat"))

    second = report(world, *fleet, complete=True)

    assert first == {"created": 4, "updated": 0, "removed": 0, "unlinked": 1}
    assert second == {"created": 0, "updated": 0, "removed": 0, "unlinked": 1}
    assert dump(database, without=("request", "heartbeat")) == before


def test_report_that_is_not_complete_leaves_others(database: Database) -> None:
    """What it does not name is as it was."""
    world = World(database)
    report(world, told(1), told(2))
    before = containers(world)

    counts = report(world, told(3))

    assert counts == {"created": 1, "updated": 0, "removed": 0, "unlinked": 1}
    assert containers(world) == {**before, "c3": containers(world)["c3"]}


def test_complete_report_removes_others_of_the_host(database: Database) -> None:
    """Of this host alone, and tells how they ended."""
    world = World(database)
    report(world, told(1), told(2, state="exited"), told(3))
    report(world, told(1), host="web-2")
    before = len(world.events())

    counts = report(world, told(3), complete=True)

    assert counts == {"created": 0, "updated": 0, "removed": 2, "unlinked": 1}
    assert {(c.host, c.id) for c in world.ask(list_containers, all=True)} == {
        ("web-1", told(3).id),
        ("web-2", told(1).id),
    }
    assert [(e.action, e.name) for e in world.events()[before:]] == [
        ("die", "c1"),
        ("destroy", "c1"),
        ("destroy", "c2"),
    ]


def test_empty_complete_report_removes_all(database: Database) -> None:
    """The host has no container left; it stays known."""
    world = World(database)
    report(world, told(1), told(2))

    assert report(world, complete=True)["removed"] == 2
    assert containers(world) == {}
    assert [host.name for host in world.ask(list_hosts)] == ["web-1"]


def test_report_overrules_requests(database: Database) -> None:
    """What a host says is so."""
    world = World(database)
    container = world.run(world.add(AMD, "app:1"), name="c1", state="running")
    report(world, replace(told(1, AMD.digest, "exited"), id=container))

    assert containers(world)["c1"].state == "exited"
    perform(database, start_container, "default", world.caller(), container)
    assert containers(world)["c1"].state == "running"


EVENTS: dict[tuple[str | None, str], tuple[str, ...]] = {
    **dict.fromkeys([(None, state) for state in RUNNING], ("create", "start")),
    **dict.fromkeys([(None, state) for state in STOPPED], ("create",)),
    **dict.fromkeys([("exited", state) for state in RUNNING], ("start",)),
    **dict.fromkeys([("running", state) for state in STOPPED], ("die",)),
    ("running", "paused"): (),
    ("paused", "running"): (),
    ("exited", "removing"): (),
}


def test_report_tells_what_must_have_happened(database: Database) -> None:
    """Since the host was last heard of."""
    world = World(database)
    cases = list(enumerate(EVENTS, start=1))
    report(world, *(told(number, state=before) for number, (before, _) in cases if before))
    start = len(world.events())

    report(world, *(told(number, state=now) for number, (_, now) in cases))

    new = world.events()[start:]
    for number, case in cases:
        of = [event for event in new if event.actor_id == told(number).id]
        assert tuple(event.action for event in of) == EVENTS[case], case
        assert {(e.type, e.name, e.host) for e in of} <= {("container", f"c{number}", "web-1")}
    assert {event.attributes["image"] for event in new} == {"app:1"}


# ── which image ───────────────────────────────────────────────────────────────────────────────


def test_image_id_goes_before_manifests(database: Database) -> None:
    """The image of that ID, though an index holds it too."""
    world = World(database)
    for number in range(4):
        world.add(an_index(AMD, an_image(f"{number}")), f"index:{number}")
    world.add(AMD, "amd:1")

    report(world, replace(told(1, AMD.digest), reference="index:0"))

    assert linked(world) == AMD.digest


def test_manifest_goes_before_configs(database: Database) -> None:
    """A digest is looked for among configs only if no manifest has it."""
    world = World(database)
    app = world.add(BOTH, "app:1")

    report(world, told(1, ARM.digest))
    assert linked(world) == app
    report(world, told(1, ARM.config.digest))
    assert linked(world) == app


@pytest.mark.parametrize("digest", [AMD.digest, AMD.config.digest], ids=["manifest", "config"])
def test_typed_reference_decides_between_images(database: Database, digest: str) -> None:
    """Of several that hold it: the one that is named, else the first by ID."""
    world = World(database)
    ids = sorted(
        world.add(an_index(AMD, an_image(f"{number}")), f"i:{number}") for number in range(3)
    )
    names = {image.id: image.names[0] for image in world.images().values()}

    for typed, expected in [
        *((name, image) for image, name in names.items()),
        (f"docker.io/library/{names[ids[2]]}", ids[2]),
        ("nosuch:1", ids[0]),
        ("NOT a reference", ids[0]),
        ("", ids[0]),
    ]:
        report(world, replace(told(1, digest), reference=typed))
        assert linked(world) == expected, typed


def test_digest_of_what_runs_nothing_is_not_matched(database: Database) -> None:
    """A layer, an attestation, a config in another namespace."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    World(database, "lab", host="lab-1").add(ARM, "arm:1")
    world = World(database)
    attestation = an_attestation(AMD)
    world.add(an_index(AMD, attestation), "app:1")
    digests = [AMD.layers[0].digest, attestation.digest, attestation.config.digest, ARM.digest]

    counts = report(world, *(told(number, digest) for number, digest in enumerate(digests)))

    assert counts["unlinked"] == len(digests)
    assert [c.image_digest for c in containers(world).values()] == digests[::-1]


def test_platform_that_was_removed_is_not_matched(database: Database) -> None:
    """Only present manifests count."""
    world = World(database)
    world.add(BOTH, "app:1")
    world.delete("app:1", force=True, platforms=["linux/arm64"])

    assert report(world, told(1, ARM.digest), told(2, AMD.digest))["unlinked"] == 1


def test_reported_container_protects_its_image(database: Database) -> None:
    """On whichever host it runs."""
    world = World(database)
    app = world.add(BOTH, "app:1")
    report(world, told(1, ARM.config.digest), host="arm-1")

    with pytest.raises(ImageInUseError) as caught:
        world.delete(app, force=True)

    assert str(caught.value).endswith(
        f"image is being used by running container {told(1).id[:12]} on host arm-1"
    )


def test_report_of_another_image_moves_the_link(database: Database) -> None:
    """The old one is free then."""
    world = World(database)
    old, new = world.add(AMD, "old:1"), world.add(ARM, "new:1")
    report(world, replace(told(1, old), mounts=(Mount("old:1", "/x", Digest(old)),)))
    counts = report(world, told(1, new))

    assert counts == {"created": 0, "updated": 1, "removed": 0, "unlinked": 0}
    assert linked(world) == new
    world.delete("old:1")


# ── refusals ──────────────────────────────────────────────────────────────────────────────────


def test_host_of_another_namespace_is_refused(database: Database) -> None:
    """It reports into one."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    report(World(database), told(1))

    with pytest.raises(ConflictError) as caught:
        report(World(database, "lab"), told(1))

    assert str(caught.value) == (
        "host web-1 belongs to namespace default: use --namespace default, or another --host-name"
    )


def test_report_of_no_host_is_refused(database: Database) -> None:
    """It is a host that tells."""
    with pytest.raises(InvalidInputError, match="a report is of a host"):
        perform(database, report_containers, "default", Caller("tester"), [told(1)])


def test_container_twice_in_a_report_is_refused(database: Database) -> None:
    """Nothing of the report is recorded."""
    world = World(database)
    with pytest.raises(InvalidInputError, match="twice"):
        report(world, told(2), told(1), told(1, state="exited"))

    assert containers(world) == {}
    assert world.ask(list_hosts) == ()
