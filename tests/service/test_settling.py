"""What comes after a commit is done behind the answer, and before anybody could miss it."""

import threading

import pytest

from imagedb.database import Database
from imagedb.http import settling
from imagedb.http.settling import Settler
from tests.builders.api import API
from tests.builders.world import World


def test_release_is_listed_as_soon_as_its_image_is_gone(api: API) -> None:
    """Whoever asks for releases waits for what was committed before."""
    assert api.own("GET", "/releases")["items"] == []
    api.ask("DELETE", "/images/multi:1")

    assert api.own("GET", "/releases")["items"]
    api.ask("DELETE", "/images/app:1")
    assert len(api.own("POST", "/claims", {})["releases"]) > 2


def test_event_gets_its_position_behind_the_answer(api: API, fleet: World) -> None:
    """Soon, without another request."""
    before = len(fleet.events())
    api.ask("POST", "/images/app:1/tag", repo="app", tag="2")
    api.service.settler.wait()

    assert len(fleet.events()) == before + 1


def test_all_that_was_committed_meanwhile_is_settled_at_once(
    fleet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one thread, in a second round; nobody waits for more than his own."""
    rounds: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def settle(_database: Database) -> None:
        rounds.append(threading.current_thread().name)
        begun.set()
        assert go_on.wait(10)

    monkeypatch.setattr(settling, "settle", settle)
    settler = Settler()
    settler.ask(fleet.database)
    assert begun.wait(10)
    for _ in range(5):
        settler.ask(fleet.database)
    go_on.set()
    settler.wait()

    assert rounds == ["settler", "settler"]


def test_defect_while_settling_stops_nothing(fleet: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the log; what comes next is settled."""
    rounds: list[int] = []

    def settle(_database: Database) -> None:
        rounds.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(settling, "settle", settle)
    settler = Settler()
    for _ in range(2):
        settler.ask(fleet.database)
        settler.wait()

    assert len(rounds) == 2
