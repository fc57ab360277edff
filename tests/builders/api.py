"""Ask a service in this process: no socket, no other process, the same answers."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx

from imagedb.http.app import app_of
from imagedb.http.asking import Service

OWN: Final = "/imagedb/v1"


class API:
    """A service, and a client of it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app_of(service), raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://imagedb")

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        **query: object,
    ) -> httpx.Response:
        """Make a request; what is no text or bytes is sent as JSON."""
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **(headers or {})}
        wanted = {key: str(value) for key, value in query.items() if value is not None}
        request = self._client.request(
            method, path, content=content, headers=given, params=wanted or None
        )
        return self._runner.run(request)

    def own(self, method: str, path: str, body: object = None, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Ask our own API for what must not fail; gives the document."""
        answer = self.ask(method, OWN + path, body, None, **query)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, body: object = None, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Ask our own API for what must fail; gives the problem."""
        answer = self.ask(method, OWN + path, body, None, **query)
        assert answer.headers["Content-Type"] == "application/problem+json", answer.text
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["request_id"] == answer.headers["X-Request-Id"]
        return problem

    def pages(self, path: str, **query: object) -> Iterator[list[Any]]:
        """Follow the links of a list from page to page."""
        answer = self.ask("GET", OWN + path, None, None, **query)
        while True:
            page = answer.json()
            yield page["items"]
            link = answer.headers.get("Link")
            assert (link is None) == (page["next"] is None)
            if link is None:
                return
            answer = self.ask("GET", link.partition(">")[0].removeprefix("<"))

    def close(self) -> None:
        """Let go of the client, when all is settled."""
        self.service.settler.wait()
        self._runner.run(self._client.aclose())
        self._runner.close()


@contextmanager
def an_api(service: Service) -> Iterator[API]:
    """Make one for a time."""
    api = API(service)
    try:
        yield api
    finally:
        api.close()
