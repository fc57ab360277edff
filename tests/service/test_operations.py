"""What those ask who run the service: probes, figures, the log."""

import io
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from imagedb.database import StartOver
from imagedb.http.asking import Service
from imagedb.http.logs import json_logger
from imagedb.http.settings import Settings
from tests.builders.api import API, an_api
from tests.builders.world import World
from tests.service.conftest import APP, BASE


@pytest.fixture
def log() -> io.StringIO:
    """What the service writes."""
    return io.StringIO()


@pytest.fixture
def logged(fleet: World, log: io.StringIO) -> Iterator[API]:
    """A service whose log is read."""
    service = Service(fleet.database, Settings(who="ops@example.com"), log=json_logger(log))
    with an_api(service) as asked:
        yield asked


def _figures(api: API) -> dict[str, float]:
    lines = api.ask("GET", "/metrics").text.splitlines()
    figures = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in figures}


def _lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_probes_tell_that_it_lives_and_whether_it_can_work(api: API, fleet: World) -> None:
    """Ready is who has a database of its own revision, and is not about to end."""
    assert api.ask("GET", "/healthz").text == "ok\n"
    assert api.ask("GET", "/readyz").status_code == 200
    api.service.stopping.say()
    assert api.ask("GET", "/readyz").status_code == 503
    assert api.ask("GET", "/healthz").status_code == 200


def test_actions_are_counted_by_what_came_of_them(api: API) -> None:
    """In the words of moby's `image_actions`; refusals by the kinds of their reasons."""
    api.ask("DELETE", "/images/app:1")
    api.ask("DELETE", "/images/none")
    api.ask("DELETE", "/images/multi:1")
    api.ask("DELETE", f"/images/{BASE.digest}", force="1")
    figures = _figures(api)

    count = "imagedb_image_actions_seconds_count"
    assert figures[f'{count}{{action="delete",outcome="not found"}}'] == 1
    assert figures[f'{count}{{action="delete",outcome="refused"}}'] == 1
    assert figures[f'{count}{{action="delete",outcome="done"}}'] == 2
    assert figures['imagedb_conflicts_total{kind="running container"}'] == 1
    assert figures['imagedb_conflicts_total{kind="hold"}'] == 0


def test_methods_that_clients_make_up_are_one_series(api: API) -> None:
    """Else each would stay in memory, and in Prometheus."""
    for method in ("AAA", "AAB", "PATCH"):
        api.ask(method, "/version")
    count = "imagedb_requests_seconds_count"
    methods = {name for name in _figures(api) if name.startswith(count)}
    assert methods == {
        f'{count}{{method="{method}",status="405"}}' for method in ("other", "PATCH")
    }


def test_figures_tell_how_things_stand(api: API, fleet: World) -> None:
    """As the database knows it when they are asked for."""
    fleet.delete("multi:1")
    fleet.beat("web-2", lease=60)
    fleet.let_lapse("web-2")
    figures = _figures(api)

    waiting = len(api.own("GET", "/releases")["items"])
    assert figures['imagedb_releases_waiting{namespace="default"}'] == waiting > 0
    assert figures['imagedb_hosts_stale{namespace="default"}'] == 1
    assert figures["imagedb_events_without_position"] == 0
    assert figures["imagedb_followers"] == figures["imagedb_follower_lag_events"] == 0
    assert figures['imagedb_pool_connections{state="in use"}'] == 0
    assert figures["imagedb_up"] == 1


def test_transactions_that_are_run_again_are_counted(api: API, fleet: World) -> None:
    """By the reason."""
    attempts = []

    def twice(_connection: Connection) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise StartOver

    fleet.database.write(twice)
    assert _figures(api)['imagedb_transaction_retries_total{reason="start over"}'] == 1


def test_every_request_is_a_line_of_the_log(logged: API, log: io.StringIO) -> None:
    """With what was asked of the core, what it was about, and what came of it."""
    given = {"X-Request-Id": "one", "Idempotency-Key": "night", "X-Imagedb-Host": "h"}
    logged.ask("DELETE", "/images/app:1", headers=given)
    logged.ask("DELETE", f"/v1.47/images/{APP.digest}")
    logged.ask("GET", "/images/json")
    logged.ask("GET", "/healthz")

    done, missing, listed = _lines(log)
    assert done | {"duration": 0, "timestamp": ""} == {
        "request_id": "one",
        "key": "night",
        "method": "DELETE",
        "path": "/images/app:1",
        "status": 200,
        "host": "h",
        "action": "image delete",
        "outcome": "done",
        "actor": "app:1",
        "digest": APP.digest,
        "digests": 1,
        "duration": 0,
        "event": "request",
        "level": "info",
        "timestamp": "",
    }
    assert (missing["outcome"], missing["actor"]) == ("not found", APP.digest)
    assert ("action" in listed, listed["path"]) == (False, "/images/json")


def test_defect_is_told_as_one_and_nothing_of_it(
    logged: API, fleet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the form of the API that was asked; the next request is answered."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("imagedb.http.api.hosts.list_hosts", fail)
        patch.setattr("imagedb.http.system.count_objects", fail)
        problem = logged.refused("GET", "/hosts")
        docker = logged.ask("GET", "/info")
    assert (problem["status"], problem["title"]) == (500, "Internal Server Error")
    assert problem["detail"].startswith("internal error: the log of imagedb has it")
    assert (docker.status_code, docker.json()["message"]) == (500, problem["detail"])
    assert logged.own("GET", "/hosts")["items"]
