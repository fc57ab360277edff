"""What every command says of itself."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from imagedb.cli.app import app

WIDTH = {"COLUMNS": "100", "TERMINAL_WIDTH": "100"}


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - Typer does not publish the class
    """Walk the commands that can be run, with the words that lead there."""
    below = getattr(command, "commands", None)
    if below is None or command.invoke_without_command:
        yield path, command
    for name, inner in (below or {}).items():
        yield from commands(inner, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(app)))


def ids(path: tuple[str, ...]) -> str:
    """Name a test by its command."""
    return " ".join(path)


def test_commands_are_those_that_users_know() -> None:
    """A command that vanishes or appears is a change for users."""
    known = """
        image: ls inspect history tag rm prune parents children base tree import load
        container: create start stop pause unpause kill rm ls report
        host: add ls rm heartbeat
        hold: add ls rm
        namespace: add ls rm
        content: ls claim done reset prune sweep
        events: prune
        db: upgrade current check prune
        events serve images rmi tag history load ps
    """
    expected: set[tuple[str, ...]] = set()
    for line in filter(None, map(str.strip, known.splitlines())):
        group, colon, names = line.partition(":")
        expected |= (
            {(group, name) for name in names.split()}
            if colon
            else {(name,) for name in line.split()}
        )

    assert expected == set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS, ids=ids)
def test_help_says_what_it_does_and_how(path: tuple[str, ...]) -> None:
    """Every command has a sentence, and an example that runs it; every option is explained."""
    command = COMMANDS[path]
    shown = CliRunner().invoke(app, [*path, "--help"], env=WIDTH)

    assert shown.exit_code == 0
    assert command.help
    assert f" {' '.join(path)} " in f"{command.epilog} "
    for param in command.params:
        assert getattr(param, "help", None) or param.metavar, param.name


def test_help_of_a_group_comes_without_a_command() -> None:
    """Who does not know the commands is told them."""
    shown = CliRunner().invoke(app, ["image"], env=WIDTH)

    assert shown.exit_code == 2
    assert "Commands:" in shown.output


def test_usage_error_is_typer_s() -> None:
    """An unknown option is refused with exit code 2, and the near one is named."""
    shown = CliRunner().invoke(app, ["image", "ls", "--digest"], env=WIDTH)

    assert shown.exit_code == 2
    assert "--digests" in shown.output
