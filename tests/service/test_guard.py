"""Limits: on bodies, rate, requests under way, and time."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

import pytest

from imagedb.http.asking import Service
from imagedb.http.guard import Rates
from imagedb.http.settings import Limits, Settings
from tests.builders.api import API, OWN, an_api
from tests.builders.world import World


@contextmanager
def _limited(fleet: World, limits: Limits) -> Iterator[API]:
    with an_api(Service(fleet.database, Settings(limits=limits))) as api:
        yield api


def test_body_above_the_limit_is_refused(fleet: World) -> None:
    """By both APIs; an archive has a limit of its own."""
    body = {"reference": "x" * 2_000}
    with _limited(fleet, Limits(body_bytes=1_000, archive_bytes=3_000)) as api:
        for path in ("/plans/delete", "/plans/apply", "/hosts/web-1/report"):
            problem = api.refused("POST", path, body)
            assert (problem["status"], "--max-body" in problem["detail"]) == (413, True)
        assert api.ask("POST", "/containers/create", body).status_code == 413
        assert "neither a tar" in api.ask("POST", "/images/load", b"x" * 2_000).text
        refused = api.ask("POST", "/images/load", b"x" * 4_000)
        assert (refused.status_code, "--max-archive" in refused.text) == (413, True)
        assert 'imagedb_refused_requests_total{limit="body"} 4.0' in api.ask("GET", "/metrics").text


def test_host_that_asks_too_often_is_refused_for_a_second(fleet: World) -> None:
    """Others are not, and probes never are."""
    with _limited(fleet, Limits(rate=2)) as api:
        answers = [api.ask("GET", "/version") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].headers["Retry-After"] == "1"
        assert api.refused("GET", "/hosts")["status"] == 429
        other = {"X-Imagedb-Host": "web-9"}
        assert api.ask("GET", "/version", headers=other).status_code == 200
        assert api.ask("GET", "/healthz").status_code == 200


def test_host_of_the_service_has_one_rate_however_it_is_told(fleet: World) -> None:
    """By the service, by an empty header, or by its name."""
    with an_api(Service(fleet.database, Settings(host="web-1", limits=Limits(rate=2)))) as api:
        told: list[dict[str, str] | None] = [None, {"X-Imagedb-Host": ""}]
        told.append({"X-Imagedb-Host": "web-1"})
        answers = [api.ask("GET", "/version", headers=headers) for headers in told]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_rate_is_saved_up_for_a_second_alone() -> None:
    """A host that was silent may not ask without end."""
    rates = Rates(5)
    assert [rates.allows("a") for _ in range(6)] == [True] * 5 + [False]
    sleep(0.25)
    assert rates.allows("a")
    assert not rates.allows("a")


def test_more_requests_than_allowed_are_refused(fleet: World) -> None:
    """At once; nothing was done."""
    with _limited(fleet, Limits(requests=0)) as api:
        problem = api.refused("GET", "/hosts")
        assert (problem["status"], "nothing was done" in problem["detail"]) == (503, True)
        assert api.ask("GET", "/readyz").status_code == 200


def test_late_answer_is_told_and_the_work_goes_on(
    fleet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same request ID tells what became of it."""
    key = {"Idempotency-Key": "slow"}
    with _limited(fleet, Limits(seconds=1)) as api:
        write = api.service.database.write

        def slow(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever is asked
            sleep(1.5)
            return write(*args, **kwargs)

        monkeypatch.setattr(api.service.database, "write", slow)
        late = api.ask("POST", f"{OWN}/hosts", {"name": "new"}, key)
        monkeypatch.undo()
        assert (late.status_code, "the same Idempotency-Key" in late.json()["detail"]) == (
            503,
            True,
        )
        assert api.ask("POST", f"{OWN}/hosts", {"name": "new"}, key).status_code == 204
