"""What becomes of an image in a prune, decided from facts alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagedb.filters import LabelTest, PruneFilters
from imagedb.plans import Facts, Plan, PruneFacts, decide_prune
from imagedb.reasons import explain_prune
from imagedb.records import Deleted, Untagged
from imagedb.references import parse_reference
from tests.unit.deciding import BIRTH, FACTS, HOLD, ID, a_use, references, some_facts

ALL = PruneFilters(dangling=False)
DANGLING = PruneFilters()
OF_TEAM = LabelTest("team", "web", is_wanted=True)


def decide(
    filters: PruneFilters, facts: Facts, labels: tuple[dict[str, str], ...] = ({},)
) -> Plan | None:
    """Decide of an image that entered when it was born."""
    return decide_prune(filters, PruneFacts(facts, BIRTH, labels))


def test_dangling_image_goes_without_a_name() -> None:
    """Nothing is untagged, and its event bears its ID."""
    plan = decide(DANGLING, some_facts())

    assert plan == Plan(ID, deletes_image=True)
    assert plan.records == (Deleted(ID),)


def test_named_image_goes_with_all_its_names() -> None:
    """In name order, and the event of the delete bears the last of them."""
    plan = decide(ALL, some_facts("a:1 a@ b:1"))

    assert plan is not None
    assert plan.records == (Untagged("a:1"), Untagged(f"a@{ID}"), Untagged("b:1"), Deleted(ID))
    assert plan.told_as == "b:1"
    assert decide(DANGLING, some_facts("a:1")) is None


@pytest.mark.parametrize("filters", [DANGLING, ALL], ids=["dangling", "all"])
def test_image_that_is_needed_stays(filters: PruneFilters) -> None:
    """Whatever the container's state and host; a mount and a hold protect as well."""
    stale = replace(a_use(), is_host_stale=True, host_seen=BIRTH)
    held = replace(some_facts(), holds=(replace(HOLD, is_overdue=True),))

    for use in (a_use("exited"), a_use("created", is_mount=True), stale):
        assert decide(filters, some_facts("", use)) is None
    assert decide(filters, held) is None
    assert decide(ALL, some_facts("a:1 b:1", a_use("exited"))) is None


def test_filters_keep_images() -> None:
    """By the moment when it entered, and by the labels of each of its platforms."""
    later = replace(ALL, until=(BIRTH + timedelta(seconds=1),))
    labelled = replace(ALL, labels=(OF_TEAM,))

    assert decide(later, some_facts("a:1"))
    assert decide(replace(ALL, until=(BIRTH,)), some_facts("a:1")) is None
    assert decide(labelled, some_facts("a:1"), ({}, {"team": "web"}))
    assert decide(labelled, some_facts("a:1"), ({}, {"team": "db"})) is None
    assert decide(labelled, some_facts("a:1"), ()) is None


def test_pattern_takes_names_and_the_image_with_its_last() -> None:
    """Names that match go; a dangling image matches none."""
    of_a = replace(ALL, references=("a", "c*"))
    one = decide(of_a, some_facts("a:1 b:1"))

    assert one == Plan(ID, untagged=references("a:1"), told_as="a:1")
    assert one.records == (Untagged("a:1"),)
    assert decide(of_a, some_facts("a:1 c:1")) == Plan(
        ID, untagged=references("a:1 c:1"), deletes_image=True, told_as="c:1"
    )
    assert decide(of_a, some_facts("b:1")) is None
    assert decide(of_a, some_facts()) is None


def test_reasons_of_a_prune() -> None:
    """Of each name: it is removed, or the filter leaves it."""
    facts = some_facts("a:1 b:1")
    plan = decide(replace(ALL, references=("a",)), facts)

    assert plan is not None
    assert [(one.subject, one.keeps, one.why) for one in explain_prune(facts, plan)] == [
        ("a:1", False, "it is removed"),
        ("b:1", True, "no pattern of the filter matches it"),
    ]


FILTERS = st.builds(
    PruneFilters,
    dangling=st.booleans(),
    until=st.sampled_from([(), (BIRTH,), (BIRTH + timedelta(days=1),)]),
    labels=st.sampled_from([(), (OF_TEAM,)]),
    references=st.sampled_from([(), ("a",), ("*:1",), ("a", "b")]),
)
LABELS = st.sampled_from([({},), ({"team": "web"},), ()])


@given(FILTERS, FACTS, LABELS)
def test_prune_takes_nothing_that_is_needed(
    filters: PruneFilters, facts: Facts, labels: tuple[dict[str, str], ...]
) -> None:
    """It does something or nothing, deletes only with the last name, and follows no parents."""
    plan = decide(filters, facts, labels)
    if plan is None:
        return

    assert not facts.uses
    assert plan.records
    assert plan.deletes_image is (plan.untagged == facts.references)
    assert (plan.conflicts, plan.pruned, plan.dropped) == ((), (), ())
    assert plan.told_as == (plan.untagged[-1].familiar if plan.untagged else "")
    assert not (filters.dangling and plan.untagged)


def test_names_are_compared_as_they_are_shown_and_as_they_are() -> None:
    """A pattern speaks of `app` or of `docker.io/library/app`, as that of a list does."""
    name = parse_reference("app:1")
    facts = replace(some_facts(), references=(name,))

    assert decide(replace(ALL, references=("docker.io/*",)), facts) is None
    assert decide(replace(ALL, references=("docker.io/*/*",)), facts)
    assert decide(replace(ALL, references=("ap?",)), facts)
