"""Plans: what a delete would do, decided from facts alone."""

from dataclasses import replace

import pytest
from hypothesis import given

from imagedb.digests import Digest
from imagedb.errors import PlatformNotFoundError
from imagedb.plans import (
    DeleteRequest,
    Facts,
    ParentFacts,
    Plan,
    decide_delete,
    group_of,
)
from imagedb.records import (
    RUNNING_STATES,
    Deleted,
    Untagged,
    Way,
)
from tests.unit.deciding import (
    AMD64,
    ARM64,
    ASKED,
    ID,
    S390X,
    a_parent,
    a_reference,
    a_request,
    a_use,
    references,
    some_facts,
)

# ── groups ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("names", "one", "expected"),
    [
        pytest.param("a:1", "a:1", "a:1", id="alone"),
        pytest.param("a:1 b:1", "a:1", "a:1", id="another repository"),
        pytest.param("a:1 quay.io/a:1", "a:1", "a:1", id="another registry"),
        pytest.param("a:1 a:2", "a:1", "a:1", id="another tag"),
        pytest.param("a:1 a@", "a:1", "a:1 a@", id="a tag takes the digest along"),
        pytest.param("a:1 a:1@", "a:1", "a:1 a:1@", id="and its own digest reference"),
        pytest.param("a:1 a:1@ a@", "a:1@", "a:1 a:1@ a@", id="from there too"),
        pytest.param("a:1 a:2 a@", "a:1", "a:1", id="not if another tag stays"),
        pytest.param("a:1 a:2@ a@", "a:1", "a:1", id="nor if that is one with a digest"),
        pytest.param("a:1 a:1@ a:2 a:2@ a@", "a:2", "a:2 a:2@", id="each tag with its own"),
        pytest.param("a:1 a@ b@", "a:1", "a:1 a@", id="not another repository's digest"),
        pytest.param("a:1 a@ b:2", "a:1", "a:1 a@", id="nor is another's tag another tag"),
        pytest.param("a:1 a@", "a@", "a:1 a@", id="a digest takes the tag along"),
        pytest.param("a:1 a:2 a@ b:1", "a@", "a:1 a:2 a@", id="a digest takes all tags along"),
        pytest.param("a@ b@", "a@", "a@", id="a digest alone"),
        pytest.param("a:1@ a@", "a@", "a:1@ a@", id="both digests"),
        pytest.param("a:1 a@", "a:1@", "a:1 a@", id="not stored itself"),
        pytest.param("a:1 a:2", "a@", "a:1 a:2", id="a digest not stored"),
        pytest.param("a:1 b:1", "c@", "", id="nothing of it"),
    ],
)
def test_group_stands_and_falls_together(names: str, one: str, expected: str) -> None:
    """A tag with its digest references, unless another tag of the repository stays."""
    assert references(expected) == group_of(a_reference(one), references(names))


# ── ways of naming ────────────────────────────────────────────────────────────────────────────


def test_plan_by_name_of_several_only_untags() -> None:
    """More than its group: nothing else is asked, running containers included."""
    facts = some_facts("a:1 b:1", a_use("running"), parents=(a_parent(1),))

    for force in (False, True):
        request = a_request("a:1", way=Way.NAME, force=force)
        assert Plan(ID, untagged=references("a:1")) == decide_delete(request, facts)


def test_plan_by_only_name_with_force_untags_just_that() -> None:
    """In use, and forced: the named reference goes, its group and the image stay."""
    facts = some_facts("a:1 a@", a_use("running"), parents=(a_parent(1),))
    request = a_request("a:1", way=Way.NAME, force=True)

    expected = Plan(ID, untagged=references("a:1"), is_name_alone=True)
    assert expected == decide_delete(request, facts)


def test_plan_by_repository_that_covers_all_is_by_id() -> None:
    """Two tags of it are one group then, and the conflict speaks of the ID."""
    request = a_request("a@", way=Way.REPOSITORY)

    unused = decide_delete(request, some_facts("a:1 a:2"))
    used = decide_delete(request, some_facts("a:1 a:2", a_use("exited")))

    assert (Untagged("a:1"), Untagged("a:2"), Deleted(ID)) == unused.records
    assert [conflict.message for conflict in used.conflicts] == [
        "image is being used by stopped container 000000000000"
    ]


def test_plan_by_id_of_a_dangling_image_is_one_group() -> None:
    """No references are no several references."""
    assert (Deleted(ID),) == decide_delete(a_request(), some_facts()).records


# ── parents ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        pytest.param([a_parent(1), a_parent(2)], [1, 2], id="dangling and unused"),
        pytest.param([a_parent(1, is_dangling=False), a_parent(2)], [], id="the nearest is named"),
        pytest.param(
            [a_parent(1), a_parent(2, is_dangling=False), a_parent(3)], [1], id="the next"
        ),
        pytest.param([a_parent(1), a_parent(2, is_used=True), a_parent(3)], [1], id="is used"),
        pytest.param([a_parent(1, is_used=True), a_parent(2)], [], id="the nearest is used"),
        pytest.param([], [], id="no parents"),
    ],
)
def test_plan_prunes_up_to_the_first_that_is_kept(
    parents: list[ParentFacts], expected: list[int]
) -> None:
    """In the order of the facts; what is behind the first that is kept stays too."""
    plan = decide_delete(a_request(), some_facts("a:1", parents=tuple(parents)))

    assert expected == [parent.key for parent in plan.pruned]


# ── platforms ─────────────────────────────────────────────────────────────────────────────────


def test_plan_of_platforms_keeps_their_order() -> None:
    """Records in the order of the request; the same platform twice is once."""
    facts = some_facts("a:1", platforms=(AMD64, ARM64, S390X))
    request = a_request(force=True, platforms=(S390X, AMD64, S390X))

    plan = decide_delete(request, facts)

    assert (Deleted(Digest.of(b"2")), Deleted(Digest.of(b"0"))) == plan.records


def test_plan_of_a_platform_that_is_not_held_fails() -> None:
    """The message names the platform, the image and the name it was found by."""
    facts = some_facts("a:1 b:1", platforms=(AMD64, ARM64))
    request = a_request(force=True, platforms=(AMD64, S390X))
    message = (
        f"failed to delete platform linux/s390x for image {ID}: image with reference a:1 was "
        "found but does not provide any platform"
    )

    with pytest.raises(PlatformNotFoundError) as caught:
        decide_delete(request, facts)

    assert message == str(caught.value)


# ── what no plan ever does ────────────────────────────────────────────────────────────────────


@given(ASKED)
def test_no_plan_takes_an_image_from_a_running_container(
    asked: tuple[DeleteRequest, Facts],
) -> None:
    """Neither the image, nor the platform that the container may need, force or not."""
    request, facts = asked

    plan = decide_delete(request, facts)

    running = [use for use in facts.uses if use.state in RUNNING_STATES]
    assert not (plan.deletes_image and running)
    for manifest in plan.dropped:
        assert not [
            use
            for use in running
            if use.is_mount or use.platform is None or use.platform == manifest.platform
        ]


@given(ASKED)
def test_every_plan_is_a_refusal_or_a_deed(asked: tuple[DeleteRequest, Facts]) -> None:
    """Conflicts and no records, or records and no conflicts; never neither."""
    plan = decide_delete(*asked)

    assert bool(plan.conflicts) != bool(plan.records)


@given(ASKED)
def test_a_plan_untags_what_was_there_once_and_in_name_order(
    asked: tuple[DeleteRequest, Facts],
) -> None:
    """Of the references that the facts list; all of them if the image goes."""
    request, facts = asked

    plan = decide_delete(request, facts)

    assert list(plan.untagged) == [name for name in facts.references if name in plan.untagged]
    assert not plan.deletes_image or plan.untagged == facts.references


@given(ASKED)
def test_parents_go_only_with_the_image(asked: tuple[DeleteRequest, Facts]) -> None:
    """And only dangling ones that no container uses, a first part of the list."""
    request, facts = asked

    plan = decide_delete(request, facts)

    assert plan.deletes_image or not plan.pruned
    assert plan.pruned == facts.parents[: len(plan.pruned)]
    assert all(parent.is_dangling and not parent.is_used for parent in plan.pruned)


@given(ASKED)
def test_force_lifts_soft_conflicts_alone(asked: tuple[DeleteRequest, Facts]) -> None:
    """Forced, the hard ones of the same request are left; and they come first."""
    request, facts = asked

    plan = decide_delete(replace(request, force=False), facts)
    forced = decide_delete(replace(request, force=True), facts)

    hard = tuple(conflict for conflict in plan.conflicts if conflict.is_hard)
    assert hard == forced.conflicts
    assert hard == plan.conflicts[: len(hard)]


@given(ASKED)
def test_conflicts_tell_running_containers_first_and_the_oldest(
    asked: tuple[DeleteRequest, Facts],
) -> None:
    """Running, stopped, references; within a kind as the facts list them, each container once."""
    kinds = ["running container", "stopped container", "several references"]

    plan = decide_delete(*asked)

    order = [
        (kinds.index(conflict.kind), conflict.container.key if conflict.container else 0)
        for conflict in plan.conflicts
    ]
    assert order == sorted(order)
    assert len({key for _, key in order if key}) == len([key for _, key in order if key])
