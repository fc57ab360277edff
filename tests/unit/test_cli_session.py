"""Who asks, and the events as lines."""

import getpass
import socket
from datetime import UTC, datetime

import pytest

from imagedb.cli.context import Session
from imagedb.cli.events import format_event
from imagedb.docker_json.events import event_object
from imagedb.records import Event

AN_EVENT = Event(
    id=5,
    position=4,
    time=datetime(2026, 1, 31, 12, 0, 0, 1234, tzinfo=UTC),
    namespace="default",
    host=None,
    type="image",
    action="untag",
    actor_id="sha256:abc",
    name="app:1",
    attributes={"name": "app:1", "maintainer": "x\x1b"},
    who="me@here",
    database_user="",
    request_id="r1",
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says nothing."""
    for name in ("IMAGEDB_ACTOR", "IMAGEDB_HOST_NAME", "IMAGEDB_REQUEST_ID"):
        monkeypatch.delenv(name, raising=False)


def test_caller_by_default_is_the_user_at_this_machine() -> None:
    """Each call is a request of its own."""
    session = Session(None, "default", None)
    first, second = session.caller(1), session.caller(2)

    assert first.who == f"{getpass.getuser()}@{socket.gethostname()}"
    assert first.host == socket.gethostname()
    assert first.request_id != second.request_id


def test_caller_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A given request ID names the first argument; the others are numbered."""
    monkeypatch.setenv("IMAGEDB_ACTOR", "ci")
    monkeypatch.setenv("IMAGEDB_HOST_NAME", "web-7")
    monkeypatch.setenv("IMAGEDB_REQUEST_ID", "r")
    session = Session(None, "default", None)

    assert (session.caller().who, session.caller().host) == ("ci", "web-7")
    assert [session.caller(number).request_id for number in (1, 2, 3)] == ["r", "r.2", "r.3"]


def test_caller_host_as_given_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The option is nearer than the environment."""
    monkeypatch.setenv("IMAGEDB_HOST_NAME", "web-7")

    assert Session(None, "default", "web-8").caller().host == "web-8"


def test_caller_without_a_user_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may run as a number that nobody has named."""

    def fail() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", fail)

    assert Session(None, "default", None).caller().who.partition("@")[0].isdigit()


def test_event_line_is_docker_s() -> None:
    """Moment, type, action, actor, and the attributes by name; escaped."""
    told = format_event(AN_EVENT)

    assert told.endswith(r" image untag sha256:abc (maintainer=x\x1b, name=app:1)")
    assert ".001234000" in told


def test_event_object_is_docker_s_json_with_more() -> None:
    """What docker has keeps docker's names; nanoseconds are exact."""
    assert event_object(AN_EVENT, is_legacy=True) == {
        "status": "untag",
        "id": "sha256:abc",
        "Type": "image",
        "Action": "untag",
        "Actor": {"ID": "sha256:abc", "Attributes": {"name": "app:1", "maintainer": "x\x1b"}},
        "scope": "local",
        "time": 1769860800,
        "timeNano": 1769860800001234000,
        "Position": 4,
        "Namespace": "default",
        "Host": "",
        "Who": "me@here",
        "DatabaseUser": "",
        "RequestID": "r1",
    }
