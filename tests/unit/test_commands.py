"""Commands and signals of containers: words, and how they are written."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagedb.commands import join_command, show_command, split_command
from imagedb.errors import InvalidInputError
from imagedb.signals import parse_signal


@given(st.lists(st.text(max_size=5)))
def test_command_is_stored_without_loss(words: list[str]) -> None:
    """Whatever the words are, they come back, and a shell would read them so."""
    text = join_command(words)

    assert split_command(text) == tuple(words)
    assert shlex.split(text or "") == words


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((), ""),
        (("nginx",), "nginx"),
        (("/my app",), "/my app"),
        (("sh", "-c", "sleep 1; exit"), "sh -c 'sleep 1; exit'"),
        (("echo", "it's", ""), "echo it's "),
    ],
)
def test_command_is_shown_as_docker_does(words: tuple[str, ...], shown: str) -> None:
    """Arguments with a space stand in quotes, and nothing else is marked."""
    assert show_command(words) == shown


@pytest.mark.parametrize(
    ("text", "number"),
    [("KILL", 9), ("SIGKILL", 9), ("sigterm", 15), ("9", 9), ("RTMIN+3", 37), ("RTMAX", 64)],
)
def test_signal_has_names_and_a_number(text: str, number: int) -> None:
    """In any case, with its prefix or without."""
    assert parse_signal(text) == number


@pytest.mark.parametrize("text", ["0", "-9", "NOPE", "SIG", "9.0", "\N{ARABIC-INDIC DIGIT NINE}"])
def test_signal_that_is_none_is_refused(text: str) -> None:
    """In docker's words."""
    with pytest.raises(InvalidInputError, match="invalid signal: "):
        parse_signal(text)
