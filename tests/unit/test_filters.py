"""Filters of images: how docker writes them, and what passes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imagedb.errors import InvalidInputError
from imagedb.filters import (
    LabelTest,
    PruneFilters,
    compile_pattern,
    matches_any,
    parse_flag,
    parse_labels,
    parse_prune_filters,
    split_filters,
)
from imagedb.references import parse_reference
from tests.unit.go_match import go_match

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at_noon(text: str) -> datetime:
    """Read `noon`, and nothing else."""
    if text != "noon":
        raise InvalidInputError(f"{text} is not noon")
    return NOON


def refused(text: str, **filters: list[str]) -> None:
    """Expect a refusal with this text."""
    with pytest.raises(InvalidInputError) as caught:
        parse_prune_filters(filters, at_noon)
    assert str(caught.value) == text


# ── how they are written ──────────────────────────────────────────────────────────────────────


def test_filters_are_gathered_by_name() -> None:
    """As docker's command line does: the first `=` ends the name, whose case does not matter."""
    found = split_filters(["label=a=b", "label!=c", "LABEL = d ", "until=10m"])

    assert found == {"label": ["a=b", "d"], "label!": ["c"], "until": ["10m"]}


def test_filter_without_a_value_is_refused() -> None:
    """There is no `=` in it."""
    with pytest.raises(
        InvalidInputError, match=r"^invalid filter 'dangling': expected NAME=VALUE$"
    ):
        split_filters(["dangling"])


def test_no_filter_is_only_dangling_images() -> None:
    """What `docker image prune` means."""
    assert parse_prune_filters({}, at_noon) == PruneFilters(dangling=True)


def test_all_filters_are_read() -> None:
    """Several of each may be given."""
    found = parse_prune_filters(
        {
            "dangling": ["false", "0"],
            "until": ["noon"],
            "label": ["a", "b=1"],
            "label!": ["c"],
            "reference": ["app*"],
        },
        at_noon,
    )

    assert found == PruneFilters(
        dangling=False,
        until=(NOON,),
        labels=(
            LabelTest("a", None, is_wanted=True),
            LabelTest("b", "1", is_wanted=True),
            LabelTest("c", None, is_wanted=False),
        ),
        references=("app*",),
    )


def test_what_cannot_be_filtered_is_refused() -> None:
    """In moby's words, the first in the order of the alphabet."""
    refused("invalid filter 'before'", before=["x"], since=["x"])
    refused("invalid value for 'until' filter: 1x is not noon", until=["1x"])
    refused("invalid filter 'reference=[a': syntax error in pattern", reference=["ok", "[a"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [(None, True), (["true"], True), (["1", "true"], True), (["0"], False), (["false"], False)],
)
def test_flag_is_read(values: list[str] | None, expected: bool) -> None:  # noqa: FBT001 - a table
    """Several values may agree; where there is none, the default stands."""
    assert parse_flag("dangling", values, default=True) is expected


@pytest.mark.parametrize(
    ("values", "told"),
    [(["true", "false"], "true false"), (["True"], "True"), ([""], ""), ([], "")],
)
def test_flag_that_says_nothing_is_refused(values: list[str], told: str) -> None:
    """Contradictions, other words, and a filter without a value."""
    with pytest.raises(InvalidInputError) as caught:
        parse_flag("dangling", values, default=True)
    assert str(caught.value) == f"invalid filter 'dangling=[{told}]'"


# ── labels, moments ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("filters", "labels", "passes"),
    [
        pytest.param({"label": ["a"]}, {"a": "1"}, True, id="it is there"),
        pytest.param({"label": ["a"]}, {"A": "1"}, False, id="it is not"),
        pytest.param({"label": ["a="]}, {"a": "1"}, False, id="the empty value"),
        pytest.param({"label": ["a="]}, {"a": ""}, True, id="is a value"),
        pytest.param({"label": ["a=1=2"]}, {"a": "1=2"}, True, id="a value with ="),
        pytest.param({"label": ["a=1", "b"]}, {"a": "1"}, False, id="all must be there"),
        pytest.param({"label": ["a=1", "a=2"]}, {"a": "1"}, False, id="with all values"),
        pytest.param({"label!": ["a"]}, {"a": "1"}, False, id="it must not be there"),
        pytest.param({"label!": ["a"]}, {}, True, id="and is not"),
        pytest.param({"label!": ["a=1"]}, {"a": "1"}, False, id="not with this value"),
        pytest.param({"label!": ["a=1"]}, {"a": "2"}, True, id="with another one"),
        pytest.param({"label!": ["a=1"]}, {}, True, id="without it"),
        pytest.param({"label": ["a!=1"]}, {"a": "1"}, False, id="moby's other spelling"),
        pytest.param({"label": ["a!=1"]}, {"b": "1"}, True, id="of the same"),
        pytest.param({"label": ["a!"]}, {"a!": ""}, True, id="a label's own sign"),
        pytest.param({"label": ["a"], "label!": ["b"]}, {"a": "", "b": ""}, False, id="both"),
    ],
)
def test_labels_of_a_config_pass(
    filters: dict[str, list[str]],
    labels: dict[str, str],
    passes: bool,  # noqa: FBT001 - a table
) -> None:
    """Each test must hold."""
    assert PruneFilters(labels=parse_labels(filters)).accepts(NOON, [labels]) is passes


def test_one_platform_passes_all_tests() -> None:
    """Of several platforms one is enough, but it alone; an image that holds none fails."""
    filters = PruneFilters(labels=parse_labels({"label": ["a"], "label!": ["b"]}))

    assert filters.accepts(NOON, [{"b": ""}, {"a": ""}])
    assert not filters.accepts(NOON, [{"a": "", "b": ""}, {}])
    assert not filters.accepts(NOON, [])
    assert PruneFilters().accepts(NOON, [])


def test_until_is_strictly_before_all_moments() -> None:
    """What entered at the moment itself is left."""
    filters = PruneFilters(until=(NOON, NOON + SECOND))

    assert filters.accepts(NOON - SECOND, [])
    assert not filters.accepts(NOON, [])
    assert not filters.accepts(NOON + SECOND, [])


# ── patterns ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("app", "app:1", True),
        ("app:1", "app:1", True),
        ("app:2", "app:1", False),
        ("app*", "app:1", True),
        ("*", "app:1", True),
        ("*", "ghcr.io/x/app:1", False),
        ("*/*/app", "ghcr.io/x/app:1", True),
        ("*/*/*:?", "ghcr.io/x/app:1", True),
        ("ap", "app:1", False),
        ("a[op]p", "app:1", True),
        ("a[^p]p", "app:1", False),
        ("library/app", "app:1", False),
        ("docker.io/library/app:1", "app:1", True),
        ("docker.io/*/app", "app:1", True),
        ("docker.io/app", "app:1", False),
        (r"\app", "app:1", True),
        ("", "app:1", False),
    ],
)
def test_name_matches(pattern: str, name: str, matches: bool) -> None:  # noqa: FBT001 - a table
    """The name is compared, familiar or whole, with its tag or without."""
    compiled = [compile_pattern("nosuch"), compile_pattern(pattern)]

    assert matches_any(parse_reference(name), compiled) is matches


def test_names_to_remove_keep_their_order() -> None:
    """One of the patterns is enough; without any, all names may go."""
    names = tuple(map(parse_reference, ("a:1", "b:1", "c:1")))

    assert PruneFilters(references=("c", "a*")).names_to_remove(names) == (names[0], names[2])
    assert PruneFilters().names_to_remove(names) == names


def test_malicious_pattern_takes_no_time() -> None:
    """Many stars do not make it try all ways to share a name out among them."""
    pattern = compile_pattern("*a" * 30 + "b")

    assert not pattern.fullmatch("a" * 500)


SIGNS = st.text(st.sampled_from(r"ab-*?[]^\/"), max_size=9)
NAMES = st.text(st.sampled_from("ab-^]/\n"), max_size=6)


@given(pattern=SIGNS, name=NAMES)
@example(pattern="[^]", name="^")
@example(pattern="[^]a]", name="^a]")
@example(pattern="[]a]", name="a")
@example(pattern="[a-]", name="a")
@example(pattern="[b-a]", name="a")
@example(pattern="[^b-a]", name="/")
@example(pattern="*[a/]*b", name="a/b")
@example(pattern="**[*]", name="*")
@example(pattern="a\\", name="a")
def test_patterns_match_as_in_go(pattern: str, name: str) -> None:
    """What matches, and what is no pattern, is what Go's `path.Match` says."""
    try:
        expected = go_match(pattern, name)
    except SyntaxError:
        with pytest.raises(InvalidInputError, match=r"syntax error in pattern$"):
            compile_pattern(pattern)
        return

    assert expected is (compile_pattern(pattern).fullmatch(name) is not None)
