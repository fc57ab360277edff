"""Holds: made, listed, lifted; what they forbid is in the tests of delete."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from imagedb import schema
from imagedb.database import Database
from imagedb.digests import ImageID
from imagedb.errors import (
    AmbiguousHoldError,
    HoldNotFoundError,
    ImageNotFoundError,
    InvalidInputError,
    InvalidReferenceError,
)
from imagedb.hold_requests import MAX_REASON
from imagedb.holds import holds_of, list_holds
from imagedb.inspection import inspect_image
from imagedb.namespaces import add_namespace
from imagedb.records import ImageHold
from imagedb.texts import REPLACEMENT
from tests.builders.images import an_image
from tests.builders.tables import dump
from tests.builders.world import LONG_AGO, World


@pytest.fixture
def world(database: Database) -> World:
    """Two images, one of them with two names."""
    world = World(database)
    world.add(an_image("ab"), "app:1", "app:stable")
    world.add(an_image("cd"), "db:1")
    return world


def held(world: World, image: str | None = None) -> list[tuple[int, str, str]]:
    """Which images are held, and why."""
    found: tuple[ImageHold, ...] = world.ask(list_holds, image)
    return [(one.hold.key, one.names[0] if one.names else "", one.hold.reason) for one in found]


# ── made and listed ───────────────────────────────────────────────────────────────────────────


def test_hold_is_listed_with_who_when_and_why(world: World) -> None:
    """And with all names of its image, by whichever it was held."""
    first, second = world.hold("app:stable", "audit"), world.hold("db:1", "restore")

    (one, other) = world.ask(list_holds)

    assert (one.hold.key, other.hold.key) == (first, second)
    assert one.names == ("app:1", "app:stable")
    assert (one.hold.who, one.hold.reason, one.hold.until) == ("tester@test", "audit", None)
    assert not one.hold.is_overdue
    assert one.hold.held <= other.hold.held
    assert world.ask(list_holds, "db:1") == (other,)


def test_image_is_held_several_times(world: World) -> None:
    """Two operators have two reasons; the older one comes first, also in the image's details."""
    numbers = [world.hold("app:1", reason) for reason in ("audit", "audit", "demo")]

    details = world.ask(inspect_image, "app:1")

    assert [(hold.key, hold.reason) for hold in details.holds] == list(
        zip(numbers, ("audit", "audit", "demo"), strict=True)
    )
    assert world.ask(inspect_image, "db:1").holds == ()


def test_holds_of_many_images_are_found_by_one_question(world: World) -> None:
    """By image; one that nobody holds has none."""
    for name in ("app:1", "db:1", "app:1"):
        world.hold(name)
    with world.database.look() as connection:
        keys = connection.execute(select(schema.image.c.id).order_by(schema.image.c.id)).scalars()
        found = holds_of(connection, [*keys, 99])

    assert [len(holds) for holds in found.values()] == [2, 1]
    assert found[99] == ()


def test_hold_follows_the_image_and_not_its_name(world: World) -> None:
    """A name that moves away leaves the hold behind."""
    world.hold("db:1")
    world.tag("app:1", "db:1")

    assert [name for _, name, _ in held(world)] == [""]
    assert held(world, "db:1") == []


def test_hold_is_of_one_namespace(world: World) -> None:
    """What another one holds is not listed, though it is the same content."""
    world.database.write(partial(add_namespace, name="lab"))
    lab = World(world.database, "lab", host="lab-1")
    lab.add(an_image("ab"), "app:1")
    lab.hold("app:1", "lab's")

    assert held(world) == []
    assert [reason for _, _, reason in held(lab)] == ["lab's"]


@pytest.mark.parametrize(
    ("reference", "error"),
    [("nope", ImageNotFoundError), ("", InvalidReferenceError), ("App", InvalidReferenceError)],
)
def test_hold_of_what_is_no_image_is_refused(
    world: World, reference: str, error: type[Exception]
) -> None:
    """By the one resolver; so is lifting, and listing."""
    for ask in (world.hold, world.lift, partial(held, world)):
        with pytest.raises(error):
            ask(reference)


# ── reason and end ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reason", ["", " \t\n"])
def test_hold_needs_a_reason(world: World, reason: str) -> None:
    """Blanks are none."""
    with pytest.raises(InvalidInputError, match=r"^a hold needs a reason"):
        world.hold("app:1", reason)


def test_reason_fits_in_a_line(world: World) -> None:
    """The longest one is kept whole, the next one is refused."""
    world.hold("app:1", "ä" * MAX_REASON)
    with pytest.raises(InvalidInputError, match=r"^the reason has 501 characters \(limit: 500\)"):
        world.hold("app:1", "x" * (MAX_REASON + 1))

    assert [reason for _, _, reason in held(world)] == ["ä" * MAX_REASON]


def test_reason_that_no_database_stores_is_made_storable(world: World) -> None:
    """As everything that comes from outside."""
    world.hold("app:1", "a\0b\ud800")
    assert [reason for _, _, reason in held(world)] == [f"a{REPLACEMENT}b{REPLACEMENT}"]


@pytest.mark.parametrize("ends", [timedelta(hours=2), "moment"])
def test_end_marks_nothing_before_it_comes(world: World, ends: timedelta | str) -> None:
    """A moment, or how long from now by the database's clock."""
    world.hold("app:1")
    [first] = world.ask(list_holds)
    in_two_hours = first.hold.held + timedelta(hours=2)
    world.hold("app:1", until=ends if isinstance(ends, timedelta) else in_two_hours)

    found = world.ask(list_holds)[1].hold

    assert found.until
    assert abs(found.until - in_two_hours) < timedelta(minutes=2)
    assert not found.is_overdue


def test_hold_whose_end_is_past_is_overdue_and_holds(world: World) -> None:
    """By the database's clock; it is still there."""
    number = world.hold("app:1", until=timedelta(hours=1))
    past = update(schema.hold).values(until=LONG_AGO)
    world.database.write(lambda connection: connection.execute(past))

    [one] = world.ask(list_holds)

    assert (one.hold.key, one.hold.until, one.hold.is_overdue) == (number, LONG_AGO, True)


@pytest.mark.parametrize(
    ("until", "problem"),
    [
        (LONG_AGO, "2020-01-01T00:00:00Z is past"),
        (LONG_AGO.replace(tzinfo=None), "has no time zone"),
        (timedelta(0), "expected up to 100 years from now"),
        (timedelta(seconds=-1), "expected up to 100 years from now"),
        (timedelta(days=36_501), "expected up to 100 years from now"),
    ],
)
def test_end_that_is_none_is_refused(
    world: World, until: datetime | timedelta, problem: str
) -> None:
    """Most likely it is a slip, and nothing is held by it."""
    before = dump(world.database)
    with pytest.raises(InvalidInputError, match=f"^invalid value for 'until': .*{problem}$"):
        world.hold("app:1", until=until)
    assert dump(world.database) == before


# ── lifted ────────────────────────────────────────────────────────────────────────────────────


def test_only_hold_is_lifted_without_its_number(world: World) -> None:
    """By any name of the image."""
    number = world.hold("app:1")
    world.hold("db:1")

    assert world.lift("app:stable") == (number,)

    assert [name for _, name, _ in held(world)] == ["db:1"]


def test_one_of_several_holds_is_lifted_by_its_number(world: World) -> None:
    """Else the error carries them all, and none is lifted."""
    first, second = world.hold("app:1", "audit"), world.hold("app:1", "demo")

    with pytest.raises(AmbiguousHoldError) as caught:
        world.lift("app:1")
    assert str(caught.value) == ("image app:1 has 2 holds: say which to lift with --id, or --all")
    assert [hold.reason for hold in caught.value.holds] == ["audit", "demo"]
    assert [key for key, _, _ in held(world)] == [first, second]

    assert world.lift("app:1", number=first) == (first,)
    assert [key for key, _, _ in held(world)] == [second]


def test_all_holds_of_an_image_are_lifted_at_once(world: World) -> None:
    """Those of others stay."""
    numbers = tuple(world.hold("app:1") for _ in range(3))
    other = world.hold("db:1")

    assert world.lift("app:1", all=True) == numbers

    assert [key for key, _, _ in held(world)] == [other]


def test_hold_that_is_not_there_is_not_lifted(world: World) -> None:
    """Nor that of another image, by its number."""
    other = world.hold("db:1")
    with pytest.raises(HoldNotFoundError, match=r"^No such hold on image app:1 \("):
        world.lift("app:1")
    with pytest.raises(HoldNotFoundError, match=rf"^No such hold {other} on image app:1 \("):
        world.lift("app:1", number=other)
    with pytest.raises(HoldNotFoundError):
        world.lift("app:1", all=True)
    assert [key for key, _, _ in held(world)] == [other]


def test_number_of_a_hold_is_never_given_again(world: World) -> None:
    """Who lifts by number lifts what was seen."""
    first = world.hold("app:1")
    world.lift("app:1")
    assert world.hold("app:1") > first


# ── told ──────────────────────────────────────────────────────────────────────────────────────


def test_holds_are_told(world: World) -> None:
    """Of the image, with reason, number and end; by the name that was typed, if it was one."""
    [app] = [image for image, row in world.images().items() if "app:1" in row.names]
    end = datetime.fromisoformat("2999-01-31T12:00:00+00:00")
    number = world.hold("app:1", "audit", until=end)
    other = world.hold(ImageID(app), "demo")
    world.lift("app:stable", all=True)

    told = [event for event in world.events() if event.type == "hold"]

    audit = {"hold": str(number), "reason": "audit", "until": "2999-01-31T12:00:00Z"}
    demo = {"hold": str(other), "reason": "demo"}
    assert {event.actor_id for event in told} == {app}
    assert [(event.action, event.attributes) for event in told] == [
        ("create", audit | {"name": "app:1"}),
        ("create", demo | {"name": app}),
        ("destroy", audit | {"name": "app:stable"}),
        ("destroy", demo | {"name": "app:stable"}),
    ]
