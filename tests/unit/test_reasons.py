"""Reasons: of everything that a plan looked at, why it keeps the image or lets it go."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import event, given

from imagedb.plans import DeleteRequest, Facts, Plan, decide_delete, decide_unrefused, group_of
from imagedb.reasons import describe_hold, describe_use, explain, remedy
from imagedb.records import ContainerUse, Reason, Way
from tests.unit.deciding import (
    AMD64,
    ARM64,
    BIRTH,
    HOLD,
    ID,
    a_parent,
    a_request,
    a_use,
    hindered,
    some_facts,
)

BY_NAME = a_request("a:1", way=Way.NAME)
BY_ID = a_request()
BY_ID_FORCED = a_request(force=True)
ARM_ALONE = a_request(force=True, platforms=(ARM64,))
BOTH = (AMD64, ARM64)
ON_ARM = a_use("exited", number=2, platform=ARM64)
PAUSED_ON_ARM = a_use("paused", number=3, platform=ARM64)
STALE = replace(a_use(number=5, host="gone"), is_host_stale=True, host_seen=BIRTH)
LIFTS = {
    "stop and remove the container, or use --force, which only removes the name": "stop, or -f",
    "remove the container, or use --force, which only removes the name": "remove, or -f",
    "stop and remove the container; --force does not lift this": "stop",
    "remove the container, or use --force, which leaves it without an image": "remove, or force",
    "remove it by this name, or use --force, which removes every name": "this name, or -f",
    "stop and remove the container, or use --ignore-stale if its host is gone for good; "
    "--force does not lift this": "stop, or --ignore-stale",
}
"""What lifts a reason, and how the table below writes that."""


def told(request: DeleteRequest, facts: Facts) -> list[str]:
    """The reasons as lines: `+` for what keeps the image, then what, why, and what lifts it."""
    reasons = explain(request, facts, decide_delete(request, facts))
    subjects = [
        *(f"hold {hold.key}" for hold in facts.holds),
        *(use.name for use in facts.uses),
        *(reference.familiar.replace(ID, "") for reference in facts.references),
        *(f"parent {parent.key}" for parent in facts.parents),
    ]
    return [_line(*one) for one in zip(subjects, reasons, strict=True)]


def _line(subject: str, reason: Reason) -> str:
    lift = f" [{LIFTS.get(reason.lift, reason.lift)}]" if reason.lift else ""
    return f"{'-+'[reason.keeps]} {subject}: {reason.why}{lift}"


# ── each kind, in each kind of plan ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("request_", "facts", "expected"),
    [
        pytest.param(
            BY_NAME,
            some_facts("a:1 b:1", a_use()),
            """
            - c1: other names keep the image: containers are not asked
            - a:1: it is removed
            + b:1: it is not asked for [remove it too, or delete by ID]
            """,
            id="by one of two names",
        ),
        pytest.param(
            BY_NAME,
            some_facts("a:1", parents=(a_parent(1), a_parent(2, is_dangling=False))),
            """
            - a:1: it is removed
            - parent 1: it dangles and nothing needs it: it goes too
            + parent 2: it has a name [remove its names]
            """,
            id="by the only name",
        ),
        pytest.param(
            BY_NAME,
            some_facts("a:1", a_use(), a_use("exited", number=2), parents=(a_parent(1),)),
            """
            + c1: it runs, and needs the image [stop, or -f]
            + c2: it was made of the image [remove, or -f]
            - a:1: it would be removed
            - parent 1: it would go too if the image went
            """,
            id="by the only name, in use",
        ),
        pytest.param(
            replace(BY_NAME, force=True),
            some_facts("a:1 a@", a_use(), parents=(a_parent(1),)),
            """
            + c1: it uses the image: only the name goes
            - a:1: it is removed
            + a@: force takes one name alone while containers use it
            - parent 1: it would go too if the image went
            """,
            id="by the only name, in use, forced",
        ),
        pytest.param(
            BY_ID,
            some_facts("a:1 b:1", a_use(), a_use("exited", number=2)),
            """
            + c1: it runs, and needs the image [stop]
            + c2: it was made of the image [remove, or force]
            + a:1: image is referenced in multiple repositories [this name, or -f]
            + b:1: image is referenced in multiple repositories [this name, or -f]
            """,
            id="by ID, in use, several names",
        ),
        pytest.param(
            BY_ID_FORCED,
            some_facts("a:1", a_use(), a_use("exited", number=2)),
            """
            + c1: it runs, and needs the image [stop]
            - c2: it is stopped: force goes past it
            - a:1: it would be removed
            """,
            id="by ID, one runs, forced",
        ),
        pytest.param(
            BY_ID_FORCED,
            some_facts("a:1", a_use("exited"), parents=(a_parent(1, is_used=True),)),
            """
            - c1: it is stopped: it stays, and loses its image
            - a:1: it is removed
            + parent 1: a container uses it [remove the container]
            """,
            id="by ID, all stopped, forced",
        ),
        pytest.param(
            BY_ID,
            some_facts("", a_use("exited", is_mount=True)),
            "+ c1: it mounts the image [remove, or force]",
            id="a mount",
        ),
        pytest.param(
            BY_ID,
            replace(some_facts("a:1"), holds=(HOLD,)),
            """
            + hold 1: it protects the image [lift it with `imagedb hold rm`]
            - a:1: it would be removed
            """,
            id="held",
        ),
        pytest.param(
            BY_NAME,
            replace(some_facts("a:1 b:1"), holds=(HOLD,)),
            """
            + hold 1: it protects the image, of which only names go
            - a:1: it is removed
            + b:1: it is not asked for [remove it too, or delete by ID]
            """,
            id="held, and only untagged",
        ),
        pytest.param(
            BY_ID,
            some_facts("", STALE),
            "+ c5: it runs, and needs the image [stop, or --ignore-stale]",
            id="a stale host",
        ),
        pytest.param(
            replace(BY_ID, ignore_stale=True),
            some_facts("", STALE, parents=(replace(a_parent(1), is_held=True),)),
            """
            - c5: its host is stale, which is to be ignored
            + parent 1: it is held [lift the hold]
            """,
            id="a stale host, ignored",
        ),
        pytest.param(
            ARM_ALONE,
            some_facts("a:1", a_use(), ON_ARM, parents=(a_parent(1),), platforms=BOTH),
            """
            - c1: it needs no platform that goes
            - c2: it is stopped: it stays, and loses its platform
            + a:1: the image keeps its other platforms
            - parent 1: it would go too if the image went
            """,
            id="a platform",
        ),
        pytest.param(
            ARM_ALONE,
            some_facts("a:1", a_use(), ON_ARM, PAUSED_ON_ARM, platforms=BOTH),
            """
            - c1: it needs no platform that goes
            - c2: it is stopped: force goes past it
            + c3: it runs, and needs the image [stop]
            + a:1: the image keeps its other platforms
            """,
            id="a platform that is in use",
        ),
        pytest.param(
            replace(ARM_ALONE, platforms=BOTH),
            some_facts("a:1", a_use("exited"), platforms=BOTH),
            """
            - c1: it is stopped: it stays, and loses its image
            - a:1: it is removed
            """,
            id="all platforms",
        ),
    ],
)
def test_reasons_of_a_plan(request_: DeleteRequest, facts: Facts, expected: str) -> None:
    """Holds, containers, names, parents, in this order; each says what is so, and what to do."""
    lines = [line.strip() for line in expected.strip().splitlines()]

    assert lines == told(request_, facts)


def test_subjects_of_reasons() -> None:
    """A hold with its number, who and why; a container with its name, its state and its host."""
    overdue = replace(HOLD, is_overdue=True)

    assert describe_hold(HOLD) == "1 by ops@example.com (audit)"
    assert describe_hold(overdue) == "1 by ops@example.com, overdue (audit)"
    assert describe_use(a_use()) == "000000000000 (c1, running) on host here"
    assert describe_use(STALE) == "000000000000 (c5, running) on host gone (stale)"


# ── whatever is asked ─────────────────────────────────────────────────────────────────────────

Truth = Callable[[ContainerUse, DeleteRequest, Plan, Plan], bool]
OF_USES: dict[str, Truth] = {
    "it runs, and needs the image": lambda use, _, plan, __: use.is_running and not plan.records,
    "it was made of the image": lambda use, _, plan, __: not use.is_mount and not plan.records,
    "it mounts the image": lambda use, _, plan, __: use.is_mount and not plan.records,
    "its host is stale, which is to be ignored": lambda use, request, _, __: (
        use.is_host_stale and request.ignore_stale
    ),
    "it uses the image: only the name goes": lambda _, request, plan, __: (
        request.force and not plan.deletes_image and len(plan.untagged) == 1
    ),
    "other names keep the image: containers are not asked": lambda _, __, plan, ___: (
        bool(plan.untagged) and not plan.deletes_image
    ),
    "it needs no platform that goes": lambda use, request, plan, aim: (
        not use.is_mount
        and use.platform not in request.platforms
        and not aim.deletes_image
        and not plan.deletes_image
    ),
    "it is stopped: force goes past it": lambda use, request, plan, _: (
        not use.is_running and request.force and bool(plan.conflicts)
    ),
    "it is stopped: it stays, and loses its image": lambda use, request, plan, _: (
        not use.is_running and request.force and plan.deletes_image
    ),
    "it is stopped: it stays, and loses its platform": lambda use, _, plan, __: (
        not use.is_running and bool(plan.dropped) and not plan.deletes_image
    ),
}


@given(hindered())
def test_everything_has_one_reason_in_order(asked: tuple[DeleteRequest, Facts]) -> None:
    """Nothing that was looked at is passed over, and nothing is told twice."""
    request, facts = asked
    reasons = explain(request, facts, decide_delete(request, facts))

    assert [reason.subject for reason in reasons] == [
        *map(describe_hold, facts.holds),
        *map(describe_use, facts.uses),
        *(reference.familiar for reference in facts.references),
        *(parent.id.short for parent in facts.parents),
    ]


@given(hindered())
def test_what_refuses_keeps_the_image_and_says_what_lifts_it(
    asked: tuple[DeleteRequest, Facts],
) -> None:
    """Of each conflict there is a reason, with the remedy that the refused delete tells."""
    request, facts = asked
    plan = decide_delete(request, facts)
    reasons = {reason.subject: reason for reason in explain(request, facts, plan)}

    for conflict in plan.conflicts:
        if conflict.hold:
            subject = describe_hold(conflict.hold)
        elif conflict.container:
            subject = describe_use(conflict.container)
        else:
            subject = str(conflict.reference)
        assert (reasons[subject].keeps, reasons[subject].lift) == (True, remedy(conflict))


@given(hindered())
def test_what_is_said_of_containers_is_true(asked: tuple[DeleteRequest, Facts]) -> None:
    """In every row of the table of deletes."""
    request, facts = asked
    plan = decide_delete(request, facts)
    aim = decide_unrefused(request, facts)
    reasons = explain(request, facts, plan)[len(facts.holds) :]

    for use, reason in zip(facts.uses, reasons, strict=False):
        event(reason.why)
        assert reason.kind == ("mount" if use.is_mount else "container")
        assert OF_USES[reason.why](use, request, plan, aim)


@given(hindered())
def test_what_is_said_of_names_is_true(asked: tuple[DeleteRequest, Facts]) -> None:
    """A name that keeps nothing goes, or would go; one that keeps the image stays, or refuses."""
    request, facts = asked
    plan = decide_delete(request, facts)
    names = [one for one in explain(request, facts, plan) if one.kind == "reference"]

    for reference, reason in zip(facts.references, names, strict=True):
        event(reason.why)
        removed = reference in plan.untagged
        truth = {
            "it is removed": removed,
            "it would be removed": bool(plan.conflicts) and not removed,
            "image is referenced in multiple repositories": bool(plan.conflicts)
            and not request.force,
            "the image keeps its other platforms": bool(request.platforms) and not removed,
            "force takes one name alone while containers use it": request.force
            and request.reference is not None
            and request.reference in plan.untagged
            and reference in group_of(request.reference, facts.references),
            "it is not asked for": bool(plan.untagged) and not removed and not plan.deletes_image,
        }
        assert truth[reason.why]


@given(hindered())
def test_what_is_said_of_parents_is_true(asked: tuple[DeleteRequest, Facts]) -> None:
    """They go, or something keeps them, or they would go with the image."""
    request, facts = asked
    plan = decide_delete(request, facts)
    reasons = explain(request, facts, plan)[-len(facts.parents) :] if facts.parents else ()

    for parent, reason in zip(facts.parents, reasons, strict=True):
        truth = {
            "it dangles and nothing needs it: it goes too": parent in plan.pruned,
            "it has a name": not parent.is_dangling,
            "a container uses it": parent.is_used,
            "it is held": parent.is_held,
            "it would go too if the image went": parent.is_prunable and not plan.deletes_image,
        }
        event(reason.why)
        assert truth[reason.why]
        assert reason.keeps is not parent.is_prunable


@given(hindered())
def test_without_what_refuses_a_delete_does_what_it_aims_at(
    asked: tuple[DeleteRequest, Facts],
) -> None:
    """Then a refused one deletes the image, or drops platforms."""
    request, facts = asked
    plan = decide_delete(request, facts)
    aim = decide_unrefused(request, facts)

    assert not aim.conflicts
    assert not plan.conflicts or aim.deletes_image or aim.dropped
    assert plan.conflicts or plan.is_name_alone or plan == aim
