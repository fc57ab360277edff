"""The clients of a run, as processes: started, killed, started again, and ended one by one."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.stress.options import Life, Options
from benchmarks.stress.places import Place

PATIENCE: Final = 60.0
"""Seconds in which a client ends what it is at."""
KILLED: Final = -9
_ROOT: Final = Path(__file__).parents[2]
"""Where Python finds `benchmarks` and `tests`."""


class Crew:
    """All clients of a run."""

    def __init__(self, options: Options, place: Place) -> None:
        self._options = options
        self._place = place
        self._running: dict[int, subprocess.Popen[str]] = {}
        self._lives = [0] * options.processes
        self.kills = 0
        """Clients that were killed from outside; the others did it themselves."""
        self.crashes: list[str] = []
        """What clients said that ended of themselves: defects, all of them."""

    def start(self) -> None:
        """Start all clients."""
        for number in range(self._options.processes):
            self._start(number)

    def await_first(self) -> None:
        """Wait until each has done something; on a busy machine that takes its time."""
        deadline = time.monotonic() + PATIENCE
        logs = [self._life(number).log for number in self._running]
        while time.monotonic() < deadline and not all(map(_has_lines, logs)):
            time.sleep(0.05)

    def mend(self) -> None:
        """Let clients live again that were killed; note those that broke."""
        for number, process in list(self._running.items()):
            if process.poll() is None:
                continue
            if process.returncode != KILLED:
                self.crashes.append(self._last_words(number, process.returncode))
            self._start(number)

    def kill_one(self, random: Random) -> None:
        """Kill a client, whatever it is at."""
        process = self._running[random.randrange(self._options.processes)]
        if process.poll() is None:
            process.kill()
            process.wait()
            self.kills += 1

    def stop(self) -> None:
        """Let all clients end what they are at."""
        for process in self._running.values():
            _say_stop(process)
        for number, process in self._running.items():
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.crashes.append(f"client {number} did not end in {PATIENCE:.0f} seconds")
            else:
                if process.returncode not in {0, KILLED}:
                    self.crashes.append(self._last_words(number, process.returncode))

    def end(self) -> None:
        """Kill whoever is left, each by its number."""
        for process in self._running.values():
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()

    def _start(self, number: int) -> None:
        old = self._running.get(number)
        if old and old.stdin:
            old.stdin.close()
        self._lives[number] += 1
        life = self._life(number)
        with self._errors(number).open("a") as errors:
            self._running[number] = subprocess.Popen(  # noqa: S603 - this very Python
                [sys.executable, "-m", "benchmarks.stress.client", life.dump()],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                text=True,
                cwd=_ROOT,
                start_new_session=True,  # an interrupt at the keyboard is for the run to hear
            )

    def _life(self, number: int) -> Life:
        place = self._place
        return Life(self._options, place.url, place.folder, number, self._lives[number])

    def _errors(self, number: int) -> Path:
        return self._place.folder / f"client-{number}.err"

    def _last_words(self, number: int, code: int) -> str:
        words = self._errors(number).read_text().strip()[-2000:]
        return f"client {number} ended with {code}: {words or 'no word'}"


def _has_lines(log: Path) -> bool:
    """Whether there is more than the empty line that a client begins with."""
    return log.exists() and log.stat().st_size > 1


def _say_stop(process: subprocess.Popen[str]) -> None:
    if process.stdin and process.poll() is None:
        try:
            process.stdin.write("stop\n")
            process.stdin.flush()
        except BrokenPipeError:
            return


@contextmanager
def crew_of(options: Options, place: Place) -> Iterator[Crew]:
    """The clients of a run; none is left when the context ends, however it does."""
    crew = Crew(options, place)
    try:
        crew.start()
        yield crew
    finally:
        crew.end()
