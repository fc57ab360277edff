"""Run `imagedb serve`, as an operator does."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagedb.database import Database

START_SECONDS = 30
END_SECONDS = 40


@dataclass(frozen=True)
class Service:
    """A service that listens at a socket."""

    path: Path
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        """As docker's clients want it."""
        return f"unix://{self.path}"

    def end(self) -> tuple[int, str]:
        """End it as systemd does; gives its exit code and what it said."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=END_SECONDS)
        return self.process.returncode, said


@contextmanager
def a_service(database: Database, folder: Path, *options: str) -> Iterator[Service]:
    """Serve a database at a socket in a folder, as the host `web-1`."""
    path = folder / "imagedb.sock"
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "imagedb", "--url", url, "--host-name", "web-1", *options]
    process = subprocess.Popen(
        [*command, "serve", "--socket", str(path)],
        stderr=subprocess.PIPE,
        env=os.environ | {"IMAGEDB_ACTOR": "ops@example.com"},
        text=True,
    )
    try:
        _wait_for(path, process)
        yield Service(path, process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=END_SECONDS)


def _wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(path))
            except OSError:
                time.sleep(0.05)
                continue
            return
    process.kill()
    _, said = process.communicate()
    raise RuntimeError(f"the service did not start: {said}")
