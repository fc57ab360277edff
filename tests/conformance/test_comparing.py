import copy
from typing import Any

import pytest

from tests.conformance.comparing import compare, is_equal
from tests.conformance.playing import Play, Step
from tests.conformance.scenarios import Deviation
from tests.conformance.seed import as_newest
from tests.conformance.symbols import Symbols

ROW = {"id": "<img:a>", "parent": "", "tags": ["a:latest"], "digests": ["a@<img:a>"]}
RECORD: dict[str, Any] = {
    "initial": [ROW],
    "steps": [
        {
            "status": 200,
            "body": [{"Untagged": "a:latest"}],
            "events": [["image", "untag", "<img:a>", {"name": "a:latest"}]],
            "after": [],
        },
        {"status": 404, "body": {"message": "No such image: a:latest"}, "events": []},
    ],
}


def a_play(**changes: object) -> Play:
    """Play what is recorded, with changes to the first step."""
    first = copy.deepcopy(RECORD["steps"][0]) | changes
    second = copy.deepcopy(RECORD["steps"][1]) | {"after": []}
    return Play([ROW], [Step("a", **first), Step("b", **second)])


def test_play_as_recorded_is_equal() -> None:
    """A step that does not say what is there afterwards changed nothing."""
    assert compare("s", a_play(), RECORD).outcome == "equal"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"status": 201}, id="status"),
        pytest.param({"body": [{"Untagged": "b:latest"}]}, id="body"),
        pytest.param({"events": []}, id="no event"),
        pytest.param(
            {"events": [["image", "delete", "<img:a>", {"name": "a:latest"}]]}, id="action"
        ),
        pytest.param({"events": [["image", "untag", "<img:a>", {}]]}, id="attribute lacks"),
        pytest.param({"after": [ROW]}, id="what is there"),
    ],
)
def test_play_with_a_change_differs(changes: dict[str, object]) -> None:
    """Each field counts."""
    assert compare("s", a_play(**changes), RECORD).outcome == "differs"


def test_more_attributes_than_recorded_are_equal() -> None:
    """The events of imagedb say more."""
    told = [["image", "untag", "<img:a>", {"name": "a:latest", "role": "base"}]]

    assert compare("s", a_play(events=told), RECORD).outcome == "equal"


def test_deviation_is_expected_instead_of_the_record() -> None:
    """It has a number in the outcome, and what is recorded would now differ."""
    deviation = Deviation((11,), "s", 1, "status", 201)

    assert compare("s", a_play(status=201), RECORD, [deviation]).outcome == "deviation 11"
    assert compare("s", a_play(), RECORD, [deviation]).outcome == "differs"


def test_deviation_that_says_what_is_recorded_is_refused() -> None:
    """It would be counted and be none."""
    with pytest.raises(ValueError, match="this is what is recorded"):
        compare("s", a_play(), RECORD, [Deviation((11,), "s", 1, "status", 200)])


@pytest.mark.parametrize(
    ("expected", "found", "equal"),
    [
        ({"Size": ">0"}, {"Size": 0}, True),
        ({"Size": {"Total": 1}}, {"Size": {"Total": 2}}, True),
        ({"Size": {"Total": 1}}, {"Size": {}}, False),
        ({"Size": 1, "Id": "a"}, {"Id": "a"}, False),
        ("failed to parse platform: x", "failed to parse platform: y", True),
        ("failed to parse platform: x", "no platform", False),
        ("archive/tar: invalid tar header", "not an archive", True),
        ("archive/tar: invalid tar header", "", False),
        (True, 1, True),
        ([1, 2], [2, 1], False),
    ],
)
def test_what_compares(expected: object, found: object, *, equal: bool) -> None:
    """Sizes and Go's words do not; the shape around them does."""
    assert is_equal("body", expected, found) == equal


def test_symbols_stand_for_what_differs_between_runs() -> None:
    """Digests, their beginnings, containers, times."""
    symbols = Symbols()
    symbols.add("sha256:" + "ab" * 32, "img:base")
    symbols.add("cd" * 32, "ctr:c1")
    symbols.add_short("abab", "<short4:img:base>")
    told = {
        "a@sha256:" + "ab" * 32: "cd" * 32,
        "message": f"unable to delete {'ab' * 6}, {'cd' * 6} and abab",
        "Created": 1_800_000_000,
        "at": "2026-01-31T12:00:00.5Z",
        "Size": 7,
        "DockerVersion": "x",
    }

    assert symbols.value(told) == {
        "a@<img:base>": "<ctr:c1>",
        "message": "unable to delete <short12:img:base>, <short12:ctr:c1> and <short4:img:base>",
        "Created": "<now>",
        "at": "<time>",
        "Size": ">0",
    }


def test_seed_record_in_the_newest_form() -> None:
    """One row for an image, no untagging of what has no name, events by name."""
    record = {
        "initial": [
            {"id": "<img:c>", "parent": "", "tags": [f"docker.io/library/{tag}"], "digests": []}
            for tag in ("c2:latest", "c:latest")
        ],
        "steps": [
            {
                "status": 200,
                "body": [
                    {"Untagged": "c:latest"},
                    {"Deleted": "<img:c>"},
                    {"Untagged": "moby-dangling@<img:b>"},
                    {"Deleted": "<img:b>"},
                ],
                "events": [["image", "untag", "<img:c>", {"name": "<img:c>"}]],
                "after": [],
            }
        ],
    }

    shown = as_newest(record)

    assert shown["initial"] == [
        {
            "id": "<img:c>",
            "parent": "",
            "tags": ["c2:latest", "c:latest"],
            "digests": ["c@<img:c>"],
        }
    ]
    assert shown["steps"][0]["body"] == [
        {"Untagged": "c:latest"},
        {"Deleted": "<img:c>"},
        {"Deleted": "<img:b>"},
    ]
    assert shown["steps"][0]["events"] == [
        ["image", "untag", "<img:c>", {"name": "c:latest"}],
        ["image", "delete", "<img:c>", {"name": "<img:c>"}],
        ["image", "delete", "<img:b>", {"name": "<img:b>"}],
    ]
