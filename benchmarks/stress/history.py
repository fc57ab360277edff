"""What clients were told: a log for each, a line before and a line after every request.

A line is written by one system call, so that a kill leaves whole lines. A client that is killed in
between leaves a request without an answer; the next life of the client may make it again.

=========  ==================================================================================
`ask`      a request that writes, with its ID and arguments; again if it is repeated
`told`     its answer
`failed`   its error: the class, whether it is one of ours, the text
`did`      something that has no request ID: a read, a sweep
`saw`      what a container uses, read behind the answer
`broken`   a promise that the client saw broken (I7)
`fault`    a fault that the client's own connection meets
=========  ==================================================================================
"""

import contextlib
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Arguments = dict[str, Any]
"""What is asked for, as JSON; from it the request can be made again."""


class HistoryWriter:
    """The log of one client, in all its lives."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(self._file, b"\n")  # behind what an earlier life may not have ended

    def write(self, what: str, about: str, **values: object) -> None:
        """Append a line."""
        line = {what: about, "at": time.time(), **values}
        os.write(self._file, json.dumps(line, separators=(",", ":")).encode() + b"\n")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that a client was told."""

    error: str
    text: str
    ours: bool

    @property
    def is_doubt(self) -> bool:
        """Whether it leaves open what became of the request."""
        return self.error == "OutcomeUnknownError"


@dataclass(slots=True)
class Asked:
    """A request, and what its client was told each time it made it."""

    id: str
    operation: str
    arguments: Arguments
    asked: int = 0
    answers: list[Any] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the client died before it was told anything."""
        return self.asked > len(self.answers) + len(self.failures)


@dataclass(slots=True)
class History:
    """All logs of a run."""

    requests: dict[str, Asked] = field(default_factory=dict)
    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds of what succeeded, by operation."""
    failures: list[tuple[str, Failure, float]] = field(default_factory=list)
    """With the operation, and when, in seconds since 1970."""
    polls: list[tuple[Arguments, Any]] = field(default_factory=list)
    uses: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By container ID: its image, its platform, what it mounts."""
    broken: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, line: dict[str, Any]) -> None:
        """Take a line in."""
        what = next(iter(line))
        getattr(self, f"_add_{what}")(line[what], line)

    def _add_ask(self, key: str, line: dict[str, Any]) -> None:
        asked = self.requests.setdefault(key, Asked(key, line["operation"], line["arguments"]))
        asked.asked += 1
        for told in line["arguments"].get("reported", ()):
            self.uses[told["id"]] = {"image": told["digest"], "platform": None, "mounts": []}

    def _add_told(self, key: str, line: dict[str, Any]) -> None:
        self.requests[key].answers.append(line["answer"])
        self.took[self.requests[key].operation].append(line["took"])

    def _add_failed(self, key: str, line: dict[str, Any]) -> None:
        failure = Failure(line["error"], line["text"], line["ours"])
        self.requests[key].failures.append(failure)
        self.failures.append((self.requests[key].operation, failure, line["at"]))

    def _add_did(self, operation: str, line: dict[str, Any]) -> None:
        if "error" in line:
            failure = Failure(line["error"], line["text"], line["ours"])
            self.failures.append((operation, failure, line["at"]))
            return
        self.took[operation].append(line["took"])
        if operation == "events":
            self.polls.append((line["arguments"], line["answer"]))

    def _add_saw(self, container: str, line: dict[str, Any]) -> None:
        self.uses[container] = line

    def _add_broken(self, text: str, _line: dict[str, Any]) -> None:
        self.broken.append(text)

    def _add_fault(self, text: str, _line: dict[str, Any]) -> None:
        self.faults.append(text)


def read_history(folder: Path) -> History:
    """Read the logs of all clients."""
    history = History()
    for path in sorted(folder.glob("*.jsonl")):
        for line in read_lines(path):
            history.add(line)
    return history


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read a log; a line that was cut off, at the end of a life, is left out."""
    with path.open("rb") as file:
        for line in file:
            with contextlib.suppress(json.JSONDecodeError):
                yield json.loads(line)
