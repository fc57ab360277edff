"""A server that speaks Docker's API, reached by a Unix socket or TCP.

The standard library alone: what is measured is the server, not a client.
"""

import http.client
import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

TIMEOUT_SECONDS: Final = 120
TAR: Final = "application/x-tar"

Query = Mapping[str, str | list[str]]


class SetupError(Exception):
    """What a scenario takes for granted cannot be brought about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    text: str

    @property
    def body(self) -> Any:  # noqa: ANN401 - JSON
        """One document, a list of those that came line by line, or the text."""
        text = self.text.strip()
        try:
            return json.loads(text)
        except ValueError:
            pass
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()] or text
        except ValueError:
            return text


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(self._path)


class Engine:
    """A scratch server: all its containers and images will be removed."""

    def __init__(self, url: str, *, headers: Mapping[str, str] | None = None) -> None:
        self._url = urlsplit(url)
        self._headers = dict(headers or {})
        self._prefix = ""
        self.version: dict[str, Any] = self.ask("GET", "/version").body
        self._prefix = f"/v{self.version['ApiVersion']}"

    @property
    def runs_containers(self) -> bool:
        """Whether a container may end by itself."""
        names = {part["Name"] for part in self.version.get("Components") or ()}
        return "imagedb" not in names

    def ask(
        self, method: str, path: str, query: Query | None = None, body: object = None
    ) -> Answer:
        """Make a request; a dictionary is sent as JSON, bytes as a tar."""
        content, headers = body, dict(self._headers)
        if isinstance(body, bytes):
            headers["Content-Type"] = TAR
        elif body is not None:
            content, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        target = self._prefix + path + (f"?{urlencode(query, doseq=True)}" if query else "")
        connection = self._connect()
        try:
            connection.request(method, target, body=content, headers=headers)  # type: ignore[arg-type] # bytes or None
            response = connection.getresponse()
            return Answer(response.status, response.read().decode(errors="replace"))
        finally:
            connection.close()

    def require(
        self, method: str, path: str, query: Query | None = None, body: object = None
    ) -> Answer:
        """Make a request that must succeed.

        Raises:
            SetupError: it does not.
        """
        answer = self.ask(method, path, query, body)
        if not 200 <= answer.status < 400 or '"errorDetail"' in answer.text:
            said = answer.text.strip()[-1000:]
            raise SetupError(f"{method} {path}: {answer.status} {said}")
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        if self._url.scheme == "unix":
            return _UnixConnection(self._url.path)
        return http.client.HTTPConnection(self._url.netloc, timeout=TIMEOUT_SECONDS)

    # ── what is there ─────────────────────────────────────────────────────────────────────────

    def images(self) -> list[dict[str, Any]]:
        """All images."""
        found = self.ask("GET", "/images/json", {"all": "1"}).body
        return found if isinstance(found, list) else []

    def containers(self) -> list[dict[str, Any]]:
        """All containers."""
        return list(self.ask("GET", "/containers/json", {"all": "1"}).body or [])

    def empty(self) -> None:
        """Remove all containers and images.

        Raises:
            SetupError: some do not go.
        """
        for container in self.containers():
            self.ask("DELETE", f"/containers/{container['Id']}", {"force": "1", "v": "1"})
        for _ in range(10):
            images = self.images()
            if not images:
                return
            for name in _names(images):
                self.ask("DELETE", f"/images/{quote_name(name)}", {"force": "1"})
        raise SetupError(f"images stay: {self.images()}")


def _names(images: Iterable[dict[str, Any]]) -> Iterable[str]:
    for image in images:
        yield image["Id"]
        yield from image.get("RepoTags") or ()


def quote_name(name: str) -> str:
    """Write a name into a path."""
    return quote(name, safe="/:@")
