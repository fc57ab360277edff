"""What is printed: escaped, aligned, JSON."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagedb.cli.output import align, escape, to_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("app:1", "app:1", id="plain"),
        pytest.param("Zürich 東京 👩‍💻", "Zürich 東京 👩‍💻", id="letters, a joined picture"),
        pytest.param("\x1b[2J\x1b]0;x\x07", r"\x1b[2J\x1b]0;x\x07", id="terminal commands"),
        pytest.param("\x9b31m", r"\x9b31m", id="C1"),
        pytest.param("a\nb\tc\r", r"a\nb\tc\r", id="layout"),
        pytest.param("gp.exe\u202egpj", r"gp.exe\u202egpj", id="direction"),
        pytest.param("a\u200bb\ufeff", r"a\u200bb\ufeff", id="seen as nothing"),
        pytest.param("\ud800", r"\ud800", id="no character"),
        pytest.param("\U000e0041", r"\U000e0041", id="tag"),
        pytest.param("\x7f\x00", r"\x7f\x00", id="DEL, NUL"),
        pytest.param("[red]x[/red]", "[red]x[/red]", id="markup is text"),
    ],
)
def test_escape_shows_what_a_terminal_would_obey(text: str, expected: str) -> None:
    """Letters stay; commands, directions and what cannot be seen are written out."""
    assert expected == escape(text)


@given(st.text())
def test_escape_leaves_no_control_character(text: str) -> None:
    """Whatever comes in, no control character and no lone surrogate goes out."""
    assert not {unicodedata.category(character) for character in escape(text)} & {"Cc", "Cs"}


@given(st.recursive(st.text() | st.integers(), st.lists))
@pytest.mark.parametrize("indent", [None, 4])
def test_to_json_is_harmless_and_means_the_same(indent: int | None, value: object) -> None:
    """JSON is escaped by its own rules, so that every reader gets the value back."""
    text = to_json(value, indent=indent)

    assert value == json.loads(text)
    assert escape(text.replace("\n", "")) == text.replace("\n", "")


def test_to_json_keeps_letters() -> None:
    """What can be read is not written in code."""
    assert to_json({"a": "Zürich\x9b\u202e\U000e0041"}) == (
        '{"a":"Zürich\\u009b\\u202e\\udb40\\udc41"}'
    )


def test_align_is_docker_s_layout() -> None:
    """A column has the width of its widest cell and three spaces, at least ten in all."""
    lines = ["REPOSITORY\tTAG\tSIZE", "a-repository-with-a-name\tlatest\t5MB", "b\t1\t"]

    assert align(lines) == [
        "REPOSITORY                 TAG       SIZE",
        "a-repository-with-a-name   latest    5MB",
        "b                          1         ",
    ]


def test_align_of_nothing_is_nothing() -> None:
    """No line, no table."""
    assert align([]) == []
