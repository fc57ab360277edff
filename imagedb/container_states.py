"""The states of a container: what leads from one to another, and how docker refuses the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Executable

from imagedb.sql import containers as sql


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state: from where, by which statement, told by which events."""

    statement: Executable | None
    """None changes no state."""
    values: Mapping[str, str]
    events: tuple[str, ...]
    done: frozenset[str]
    """In these states there is nothing to do, and nothing is told."""
    refusals: Mapping[str, str]
    """States in which it is refused, with docker's words for it."""
    sets_exit: bool = False
    """Whether it decides on how the container ended."""
    exit_code: int | None = None
    """How that was, where it is known."""


KILLED: Final = 137
"""The exit code of what SIGKILL ended."""
_MARKED: Final = "container is marked for removal and cannot be started"
_STOPPED: Final = frozenset({"created", "exited", "dead", "removing"})
START: Final = Change(
    sql.set_started,
    {},
    ("start",),
    done=frozenset({"running", "restarting"}),
    refusals={
        "paused": "cannot start a paused container, try unpause instead",
        "dead": _MARKED,
        "removing": _MARKED,
    },
    sets_exit=True,
)
STOP: Final = Change(sql.set_finished, {}, ("kill", "die", "stop"), done=_STOPPED, refusals={})
KILL: Final = Change(
    sql.set_finished,
    {},
    ("kill", "die"),
    done=frozenset(),
    refusals=dict.fromkeys(
        _STOPPED, "cannot kill container: {typed}: container {id} is not running"
    ),
    sets_exit=True,
    exit_code=KILLED,
)
"""By SIGKILL; what a process made of another signal is not known."""
SIGNAL: Final = replace(KILL, statement=None, events=("kill",), sets_exit=False, exit_code=None)
"""By a signal that usually ends nothing: it is told, and the container is what it was."""
PAUSE: Final = Change(
    sql.set_state,
    {"state": "paused"},
    ("pause",),
    done=frozenset(),
    refusals={
        **dict.fromkeys(_STOPPED, "container {id} is not running"),
        "paused": "Container {id} is already paused",
        "restarting": "Container {id} is restarting, wait until the container is running",
    },
)
UNPAUSE: Final = Change(
    sql.set_state,
    {"state": "running"},
    ("unpause",),
    done=frozenset(),
    refusals=dict.fromkeys({*_STOPPED, "running", "restarting"}, "Container {id} is not paused"),
)
RESTART: Final = Change(
    sql.set_started,
    {},
    ("kill", "die", "stop", "start", "restart"),
    done=frozenset(),
    refusals=dict.fromkeys(("dead", "removing"), _MARKED),
    sets_exit=True,
)
"""Of one that runs; of one that has stopped only the last two are told."""
