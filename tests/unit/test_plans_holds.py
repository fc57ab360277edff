"""Plans in the presence of holds and of hosts that are silent."""

from dataclasses import replace

import pytest

from imagedb.plans import DeleteRequest, decide_delete
from imagedb.records import ContainerUse, Way
from tests.unit.deciding import (
    AMD64,
    BIRTH,
    HOLD,
    ID,
    a_parent,
    a_request,
    a_use,
    references,
    some_facts,
)

GONE = replace(a_use(host="gone"), is_host_stale=True, host_seen=BIRTH)


@pytest.mark.parametrize(
    ("request_", "names", "uses"),
    [
        (a_request("a:1", way=Way.NAME), "a:1", ()),
        (a_request("a:1", way=Way.NAME), "a:1", (a_use("exited"),)),
        (a_request(force=True), "a:1 b:1", (a_use("exited"),)),
        (a_request(), "", (a_use(),)),
        (a_request("a@", way=Way.REPOSITORY), "a:1", ()),
        (a_request(force=True, platforms=(AMD64,)), "a:1", ()),
    ],
)
def test_hold_refuses_whatever_would_delete(
    request_: DeleteRequest, names: str, uses: tuple[ContainerUse, ...]
) -> None:
    """It is told first, by ID, and force does not lift it."""
    plan = decide_delete(request_, replace(some_facts(names, *uses), holds=(HOLD,)))

    first = plan.conflicts[0]
    assert (first.is_hard, first.hold) == (True, HOLD)
    assert str(first) == (
        f"conflict: unable to delete {ID.short} (cannot be forced) - "
        "image is held by ops@example.com: audit"
    )
    assert len(plan.conflicts) == 1 + len(uses) * (not request_.force)


@pytest.mark.parametrize(
    ("request_", "names", "uses"),
    [
        (a_request("a:1", way=Way.NAME), "a:1 b:1", ()),
        (a_request("a:1", way=Way.NAME, force=True), "a:1", (a_use(),)),
        (a_request("a@", way=Way.REPOSITORY), "a:1 b:1", ()),
    ],
)
def test_hold_does_not_refuse_what_only_untags(
    request_: DeleteRequest, names: str, uses: tuple[ContainerUse, ...]
) -> None:
    """The image stays, and that is all that a hold wants."""
    plan = decide_delete(request_, replace(some_facts(names, *uses), holds=(HOLD,)))

    assert plan.untagged == references("a:1")
    assert (plan.conflicts, plan.deletes_image) == ((), False)


def test_held_parent_is_not_pruned() -> None:
    """Nor is what lies behind it."""
    parents = (a_parent(1), replace(a_parent(2), is_held=True), a_parent(3))
    plan = decide_delete(a_request(), some_facts(parents=parents))

    assert plan.pruned == parents[:1]


def test_container_of_a_stale_host_counts_and_is_told_so() -> None:
    """Nothing is ever unblocked by a clock alone."""
    plan = decide_delete(a_request(), some_facts("", GONE))

    assert str(plan.conflicts[0]).endswith(
        "used by running container 000000000000 on host gone "
        "(stale host, last seen 2024-01-01T00:00:00Z)"
    )


@pytest.mark.parametrize("way", [Way.NAME, Way.ID])
def test_containers_of_stale_hosts_are_passed_when_asked(way: Way) -> None:
    """Those of other hosts are not."""
    request = replace(a_request("a:1", way=way), ignore_stale=True)
    alone = decide_delete(request, some_facts("a:1", GONE))
    beside = decide_delete(request, some_facts("a:1", GONE, a_use(number=2)))

    assert alone.deletes_image
    assert [conflict.container and conflict.container.host for conflict in beside.conflicts] == [
        "here"
    ]
