"""A client: a process that draws operations, runs them, and writes down what it was told.

It stops when its standard input says so, and dies when that ends: with whoever started it, however
that died.
"""

import os
import sys
import threading
import time
from random import Random
from typing import Any, Final

from benchmarks.stress.dice import Dice
from benchmarks.stress.history import Arguments, Asked, History, HistoryWriter, read_lines
from benchmarks.stress.loads import LOADS, table_of
from benchmarks.stress.looking import look_at_container, look_behind_delete
from benchmarks.stress.mischief import Mischief, dawdle
from benchmarks.stress.operations import Kind, Operation, Session
from benchmarks.stress.options import Life
from benchmarks.stress.population import populate
from benchmarks.stress.resting import Rest
from benchmarks.stress.table import TABLE
from benchmarks.stress.without import take_away
from imagedb.database import Database
from imagedb.errors import BusyError, ImageDBError, OutcomeUnknownError
from imagedb.requests import encode

BY_NAME: Final = {operation.name: operation for operation in TABLE}
REPEATS: Final = 3
"""How often a client repeats a request of which it does not know what became."""


class Client:
    """One client in one of its lives."""

    def __init__(self, life: Life) -> None:
        options = life.options
        self._life = life
        self._random = Random(f"{options.seed}/{life.client}/{life.life}")
        self._dice = Dice(self._random, populate(options.prefix, options.images))
        self._database = Database(life.url)
        self._open = _find_open(life)
        self._history = HistoryWriter(life.log)
        self._requests = 0
        self._seen: dict[str, int] = {}
        self._claims: list[Arguments] = []
        self._doing = ""
        self.stopping = threading.Event()
        self._rest = Rest(self._random, self.stopping)
        share = options.pauses / 10 if self._database.is_sqlite else options.pauses
        load = LOADS[options.load]
        dawdle(self._database, self._random, share, lambda: load.pauses_in(self._doing))
        if options.faults:
            Mischief(self._random, self._history).attach(self._database)

    def play(self, at_most: int = sys.maxsize) -> None:
        """Do things until it is told to stop; first, again, what was left open."""
        for asked in self._open:
            self._write(BY_NAME[asked.operation], asked.arguments, asked.id)
        table, weights = zip(*table_of(self._life.options), strict=True)
        for _ in range(at_most):
            if self.stopping.is_set():
                break
            [operation] = self._random.choices(table, weights)
            self._doing = operation.name
            arguments = self._prepare(operation, operation.draw(self._dice))
            if arguments is None:
                continue
            if operation.kind is Kind.OTHER:
                self._do(operation, arguments)
            else:
                self._write(operation, arguments, self._next_id())
        self._database.close()

    def _next_id(self) -> str:
        self._requests += 1
        life = self._life
        return f"{life.options.prefix}/{life.client}.{life.life}/{self._requests}"

    def _session(self, request_id: str) -> Session:
        return Session(self._database, self._dice.population, request_id, self._seen, self._claims)

    def _prepare(self, operation: Operation, arguments: Arguments) -> Arguments | None:
        if operation.prepare is None:
            return arguments
        begun = time.perf_counter()
        try:
            prepared = operation.prepare(self._session(""), arguments)
        except Exception as error:  # noqa: BLE001
            self._history.write("did", operation.name, **_described(error))
            self._rest.after(error)
            return None
        took = time.perf_counter() - begun
        self._history.write("did", f"({operation.name})", took=took)
        return prepared

    def _write(self, operation: Operation, arguments: Arguments, request_id: str) -> None:
        """Make a request; again, where it is not known what became of it, or at random."""
        for _ in range(REPEATS):
            error = self._write_once(operation, arguments, request_id)
            if not isinstance(error, OutcomeUnknownError) and (
                not isinstance(error, BusyError) or self._random.random() < 0.5
            ):
                return

    def _write_once(
        self, operation: Operation, arguments: Arguments, request_id: str
    ) -> Exception | None:
        session = self._session(request_id)
        self._history.write("ask", request_id, operation=operation.name, arguments=arguments)
        begun = time.perf_counter()
        try:
            answer = operation.run(session, arguments)
        except Exception as error:  # noqa: BLE001 - whatever a client is told is judged
            self._history.write("failed", request_id, **_described(error))
            self._rest.after(error)
            return error
        took = time.perf_counter() - begun
        self._rest.after(None)
        self._history.write("told", request_id, answer=encode(answer), took=took)
        self._look(operation, session, arguments, answer)
        return None

    def _look(
        self,
        operation: Operation,
        session: Session,
        arguments: Arguments,
        answer: Any,  # noqa: ANN401
    ) -> None:
        """Look at what has come of a request, as others see it."""
        try:
            if operation.name == "create":
                uses = look_at_container(session, arguments, answer)
                if uses:
                    self._history.write("saw", answer, **uses)
            elif operation.name == "delete":
                for text in look_behind_delete(session, arguments, answer):
                    self._history.write("broken", text)
        except Exception as error:  # noqa: BLE001
            self._history.write("did", "look", arguments=arguments, **_described(error))

    def _do(self, operation: Operation, arguments: Arguments) -> None:
        begun = time.perf_counter()
        outcome: dict[str, Any]
        failed: Exception | None = None
        try:
            answer = operation.run(self._session(""), arguments)
            outcome = {"answer": answer, "took": time.perf_counter() - begun}
        except Exception as error:  # noqa: BLE001
            outcome, failed = _described(error), error
        self._history.write("did", operation.name, arguments=arguments, **outcome)
        self._rest.after(failed)


def _described(error: Exception) -> dict[str, Any]:
    ours = isinstance(error, ImageDBError)
    name = type(error).__name__ if ours else f"{type(error).__module__}.{type(error).__name__}"
    return {"error": name, "text": str(error)[:500], "ours": ours}


def _find_open(life: Life) -> list[Asked]:
    """What an earlier life asked for and was not told of; every other client lets it be."""
    if not life.log.exists() or life.client % 2:
        return []
    history = History()
    for line in read_lines(life.log):
        history.add(line)
    return [asked for asked in history.requests.values() if asked.is_open]


def _watch(client: Client) -> None:
    """Wait for the word to stop; at the end of the input, die."""
    if not sys.stdin.readline():
        os._exit(1)
    client.stopping.set()
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    """Play the life that the command line tells of."""
    life = Life.load(sys.argv[1])
    take_away(life.options.without)
    client = Client(life)
    threading.Thread(target=_watch, args=[client], daemon=True).start()
    client.play()


if __name__ == "__main__":
    main()
