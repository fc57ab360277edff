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
    log: Path
    """What it says; a pipe that nobody reads would hold it up."""

    @property
    def url(self) -> str:
        """As docker's clients want it."""
        return f"unix://{self.path}"

    def end(self) -> tuple[int, str]:
        """End it as systemd does; gives its exit code and what it said."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=END_SECONDS)
        return self.process.returncode, self.log.read_text()


@contextmanager
def a_service(database: Database, folder: Path, *options: str) -> Iterator[Service]:
    """Serve a database at a socket in a folder, as the host `web-1`."""
    path, log = folder / "imagedb.sock", folder / "service.log"
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "imagedb", "--url", url, "--host-name", "web-1", *options]
    with log.open("w") as said:
        process = subprocess.Popen(
            [*command, "serve", "--socket", str(path)],
            stderr=said,
            env=os.environ | {"IMAGEDB_ACTOR": "ops@example.com"},
            text=True,
        )
    service = Service(path, process, log)
    try:
        _wait_for(service)
        yield service
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=END_SECONDS)


def _wait_for(service: Service) -> None:
    process = service.process
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(service.path))
            except OSError:
                time.sleep(0.05)
                continue
            return
    process.kill()
    process.wait()
    raise RuntimeError(f"the service did not start: {service.log.read_text()}")
