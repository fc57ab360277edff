"""Plans of deletes: what they tell, and that they are applied as told or not at all."""

from collections.abc import Callable
from typing import Any

import pytest

from imagedb.database import Database
from imagedb.digests import ImageID
from imagedb.errors import ImageInUseError, PlanChangedError
from imagedb.plan_documents import PlanDocument
from imagedb.records import Deleted, Untagged
from imagedb.releases import list_releases
from tests.builders.images import an_image, an_index
from tests.builders.planning import apply, plan, plan_of_prune
from tests.builders.statements import listening
from tests.builders.tables import dump
from tests.builders.world import World, platforms

APP, ARM = an_image("ab"), an_image("ac", platform="linux/arm64")
ON_ARM = {"force": True, "platforms": platforms("linux/arm64")}
BASE, OTHER = (ImageID(an_image(layers).digest).short for layers in "az")
CHAINS = ["chain ", "chain "]
Change = Callable[[World], object]


def texts_of(options: dict[str, Any]) -> list[str]:
    """The platforms as they are typed."""
    return [str(platform) for platform in options.get("platforms", ())]


def refusal(world: World, document: PlanDocument) -> list[str]:
    """The differences by which a plan does not fit; nothing has changed."""
    before = dump(world.database)
    with pytest.raises(PlanChangedError) as caught:
        apply(world, document)
    assert dump(world.database) == before
    return list(caught.value.differences)


def a_fleet(database: Database) -> World:
    """An image with two platforms and two names, on a dangling parent, used on two hosts."""
    world = World(database)
    world.add(an_image("a"))
    world.add(an_index(APP, ARM), "app:1", "copy:1")
    world.run("app:1", name="web", host="web-2")
    world.run("app:1", name="job", state="exited", mounts=["copy:1"])
    world.hold("app:1")
    return world


# ── making one ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reference", ["app:1", an_index(APP, ARM).digest])
def test_plan_writes_nothing_and_takes_no_lock(database: Database, reference: str) -> None:
    """Whether the delete would be done or refused; a prune's as well."""
    world = a_fleet(database)
    before = dump(database)

    with listening(database) as heard:
        plan_of_prune(world)
        for force in (False, True):
            plan(world, reference, force=force)

    assert dump(database) == before
    assert heard
    assert not [text for text in heard if not text.startswith(("SELECT", "WITH", "BEGIN"))]
    assert not [text for text in heard if "BEGIN IMMEDIATE" in text or " FOR " in text]


def test_plan_is_the_same_for_everybody_at_any_time(database: Database) -> None:
    """The token is of what is so, not of who looks and when; the host that asks is told."""
    world = a_fleet(database)
    mine = plan(world, "app:1")
    world.who = "someone else"

    assert plan(world, "app:1").token == mine.token
    world.host = "web-2"
    assert plan(world, "app:1").token != mine.token


def test_count_of_statements_of_a_plan_does_not_grow(database: Database) -> None:
    """However many names, containers and parents there are."""
    world = World(database)
    counts = []
    for size in (1, 8):
        names = [f"app:{size}.{number}" for number in range(size)]
        image = world.add(an_image("abcdefghij"[: size + 1], labels={"n": str(size)}), *names)
        for layers in range(size):
            world.add(an_image("abcdefghij"[: layers + 1], labels={"of": str(size)}))
            world.run(image, state="exited")
        with listening(database) as heard:
            plan(world, image)
        counts.append(len(heard))

    assert counts[0] == counts[1] < 30


# ── a refused delete ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [{}, {"force": True}, ON_ARM])
@pytest.mark.parametrize("given", ["copy:1", "ID"])
def test_plan_has_the_conflicts_of_the_delete(
    database: Database, given: str, options: dict[str, Any]
) -> None:
    """All of them, in their order, with who and where as data; applied, it is refused so."""
    world = a_fleet(database)
    world.delete("app:1")
    reference = an_index(APP, ARM).digest if given == "ID" else given
    document = plan(world, reference, **options)
    if (given, options) == ("copy:1", {"force": True}):
        assert document.conflicts == ()
        return

    asked: dict[str, Any] = {"force": "force" in options, "platforms": texts_of(options)}
    with pytest.raises(ImageInUseError) as refused:
        world.delete(reference, **asked)
    with pytest.raises(ImageInUseError) as caught:
        apply(world, document)

    conflicts = refused.value.conflicts
    assert list(map(str, caught.value.conflicts)) == list(map(str, conflicts))
    assert [
        (one.kind, one.is_hard, one.message, one.container, one.host, one.reference, one.hold)
        for one in document.conflicts
    ] == [
        (
            one.kind,
            one.is_hard,
            str(one),
            one.container and one.container.id,
            one.container and one.container.host,
            one.reference,
            one.hold and one.hold.key,
        )
        for one in conflicts
    ]


@pytest.mark.parametrize("options", [{}, ON_ARM])
def test_refused_plan_tells_what_would_be_freed(
    database: Database, options: dict[str, Any]
) -> None:
    """As the delete will do it when nothing refuses it any more."""
    world = a_fleet(database)
    image = an_index(APP, ARM).digest
    refused = plan(world, image, **options)
    for name in ("web", "job"):
        world.remove(name)
    world.lift("app:1")

    world.delete(image, force=True, platforms=texts_of(options))

    assert refused.conflicts
    released = world.ask(lambda connection, namespace: tuple(list_releases(connection, namespace)))
    assert {(one.kind, one.digest) for one in refused.content} == {
        (one.kind, str(one.digest)) for one in released
    }
    assert refused.freed == sum(one.size for one in released)
    assert refused.shared == 0 or options


def test_shared_bytes_are_those_that_stay(database: Database) -> None:
    """Freed and shared together are what the image holds."""
    world = World(database)
    world.add(an_image("ab"), "one:1")
    world.add(an_image("ac"), "two:1")

    document = plan(world, "one:1")

    held = world.images()[ImageID(an_image("ab").digest)].content_size
    assert document.freed + document.shared == held
    assert document.shared == len(an_image("ab").layers[0].content)


# ── what has changed ──────────────────────────────────────────────────────────────────────────


def _remove_and_add(world: World) -> None:
    world.delete("app:1")
    world.add(APP, "app:1")


def _lapse(world: World) -> None:
    world.beat("web-2", lease=60)
    world.let_lapse("web-2")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda world: world.tag("app:1", "more:1"), ["name more:1 is new"]),
        (lambda world: world.add(an_image("z"), "app:1"), [f"it names image {OTHER} now, not "]),
        (lambda world: world.delete("app:1"), ["No such image: app:1"]),
        (_remove_and_add, ["the image was deleted and stored again", f"parent {BASE} is gone"]),
        (lambda world: world.run("app:1", name="new", state="exited"), ["container "]),
        (lambda world: world.hold("app:1"), ["hold 1 by tester@test is new"]),
        (lambda world: world.tag(BASE, "base:1"), [f"parent {BASE} is not dangling any more"]),
        (lambda world: world.add(an_image("abz"), "child:1"), ["blob ", "blob ", *CHAINS]),
    ],
    ids=["named", "moved", "deleted", "anew", "used", "held", "parent", "content"],
)  # fmt: skip
def test_plan_of_a_changed_state_is_refused_and_names_the_change(
    database: Database, change: Change, told: list[str]
) -> None:
    """It is applied whole or not at all."""
    world = World(database)
    world.add(an_image("a"))
    world.add(APP, "app:1")
    document = plan(world, "app:1")
    change(world)

    differences = refusal(world, document)

    assert len(differences) == len(told)
    assert all(one.startswith(begin) for one, begin in zip(differences, told, strict=True))


def test_plan_names_changes_of_containers_hosts_and_platforms(database: Database) -> None:
    """What was so, and what is."""
    world = World(database)
    world.add(an_index(APP, ARM), "app:1")
    web = world.run("app:1", name="web", state="exited", host="web-2")
    document = plan(world, "app:1", force=True)
    world.bring(web, "running")
    _lapse(world)
    world.delete("app:1", force=True, platforms=["linux/arm64"])

    differences = refusal(world, document)

    shown = f"container {web[:12]} (web) on host web-2"
    assert differences == [
        "platform linux/arm64 is gone",
        f"{shown} is on a stale host now",
        f"{shown}: state was exited, is running",
    ]


def test_plan_fits_again_when_the_change_is_undone(database: Database) -> None:
    """It rests on what is so, not on nothing having happened."""
    world = World(database)
    app = world.add(APP, "app:1")
    document = plan(world, "app:1")
    world.tag("app:1", "more:1")
    world.delete("more:1")

    [batch] = apply(world, document)

    assert batch.records == (Untagged("app:1"), Deleted(app))
    assert batch.freed == document.freed


def test_plan_is_applied_once(database: Database) -> None:
    """The second time there is nothing; under the same request ID it is told the same."""
    world = World(database)
    world.add(APP, "app:1")
    document, once = plan(world, "app:1"), world.caller()
    first = apply(world, document, once)

    assert apply(world, document, once) == first
    assert refusal(world, document) == ["No such image: app:1"]
