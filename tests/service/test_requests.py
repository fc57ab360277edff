"""What is the same for every request: versions, headers, IDs, bodies, refusals."""

import getpass
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imagedb.events import give_positions
from imagedb.http.outside import ABSENT, OUTSIDE
from tests.builders.images import a_tar, digest_of
from tests.builders.service import Service
from tests.builders.world import World
from tests.conformance.engine import Engine
from tests.service.conftest import APP


class Connection(http.client.HTTPConnection):
    """To a Unix socket, with everything in sight."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(str(self.path))

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, Any]:
        """Give status, headers and what was said."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.request(method, path, body=body, headers=named)
        response = self.getresponse()
        said = response.read()
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        return response.status, response.headers, json.loads(said) if is_json and said else said


@pytest.fixture
def connection(fleet: World, service: Service) -> Iterator[Connection]:
    """A connection that stays."""
    connection = Connection(service.path)
    yield connection
    connection.close()


def _send(path: Path, data: bytes) -> bytes:
    """Send what no client would, and say no more; gives what is answered."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
        raw.settimeout(60)
        raw.connect(str(path))
        raw.sendall(data)
        raw.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: raw.recv(65536), b""))


def test_every_answer_says_who_answers(connection: Connection) -> None:
    """Clients choose a version by it; a refusal has the headers too."""
    for path, status in (("/_ping", 200), ("/v1.99/images/json", 400), ("/nowhere", 404)):
        found, headers, _ = connection.ask("GET", path)
        assert found == status
        assert headers["Api-Version"] == "1.56"
        assert headers["Docker-Experimental"] == "false"
        assert headers["Ostype"] == "linux"
        assert headers["Server"].startswith("imagedb/")
    assert connection.ask("HEAD", "/_ping")[0] == 200
    assert connection.ask("GET", "/_ping")[2] == b"OK"


def test_answers_are_those_of_the_version_that_is_asked(connection: Connection) -> None:
    """Fields come and go; without a version it is the newest."""
    [old] = [i for i in connection.ask("GET", "/v1.43/images/json")[2] if i["Id"] == APP.digest]
    [new] = [i for i in connection.ask("GET", "/images/json")[2] if i["Id"] == APP.digest]
    assert old["VirtualSize"] == old["Size"]
    assert "Descriptor" not in old
    assert old["Containers"] == -1
    assert "VirtualSize" not in new
    assert new["Descriptor"]["digest"] == APP.digest
    assert new["Containers"] == 0

    assert {"Images", "LayersSize"} <= connection.ask("GET", "/v1.50/system/df")[2].keys()
    verbose = connection.ask("GET", "/system/df?verbose=1&type=image")[2]
    assert verbose.keys() == {"ImageUsage"}
    assert len(verbose["ImageUsage"]["Items"]) == 4


def test_key_is_given_back_and_stands_for_one_request(connection: Connection) -> None:
    """A request that is sent again is answered again, and happens once."""
    path = "/images/app:1/tag?repo=app&tag=2"
    first = connection.ask("POST", path, Idempotency_Key="mine")
    assert (first[0], first[1]["X-Request-Id"]) == (201, "mine")
    assert connection.ask("DELETE", "/images/app:2")[0] == 200

    assert connection.ask("POST", path, Idempotency_Key="mine")[0] == 201
    assert connection.ask("GET", "/images/app:2/json")[0] == 404
    assert connection.ask("DELETE", "/images/app:1", Idempotency_Key="mine")[0] == 409
    assert connection.ask("GET", "/_ping", Idempotency_Key="x" * 129)[0] == 400
    assert connection.ask("GET", "/_ping", X_Request_Id="x" * 129)[0] == 400


def test_request_id_of_a_trace_replays_nothing(connection: Connection) -> None:
    """A proxy may give one to several requests: each happens."""
    path = "/images/app:1/tag?repo=app&tag=2"
    assert connection.ask("POST", path, X_Request_Id="trace")[0] == 201
    assert connection.ask("DELETE", "/images/app:2", X_Request_Id="trace")[0] == 200

    again = connection.ask("POST", path, X_Request_Id="trace", Idempotency_Key="mine")
    assert (again[0], again[1]["X-Request-Id"]) == (201, "trace")
    assert connection.ask("GET", "/images/app:2/json")[0] == 200


def test_host_that_a_request_names_is_the_one_that_asks(connection: Connection) -> None:
    """Its containers are made there, and found there alone."""
    body = json.dumps({"Image": "app:1"}).encode()
    made = connection.ask("POST", "/containers/create?name=new", body, X_Imagedb_Host="web-7")
    assert made[0] == 201

    assert connection.ask("GET", "/containers/new/json", X_Imagedb_Host="web-7")[0] == 200
    assert connection.ask("GET", "/containers/new/json", X_Imagedb_Host="web-1")[0] == 404
    shown = connection.ask("GET", "/containers/new/json")[2]
    assert shown["Config"]["Labels"] == {"role": "app", "imagedb.host": "web-7"}


def test_host_header_means_the_same_everywhere(connection: Connection) -> None:
    """Empty it is none; one that no host can have is refused, whatever is asked."""
    body = json.dumps({"Image": "app:1"}).encode()
    assert connection.ask("POST", "/containers/create?name=new", body, X_Imagedb_Host="")[0] == 201
    shown = connection.ask("GET", "/containers/new/json", X_Imagedb_Host="")
    assert (shown[0], shown[2]["Config"]["Labels"]["imagedb.host"]) == (200, "web-1")
    for path in ("/images/json", "/containers/json", "/imagedb/v1/hosts"):
        assert connection.ask("GET", path, X_Imagedb_Host="bad host")[0] == 400
        twice = b"GET %b HTTP/1.0\r\nX-Imagedb-Host: web-1\r\nX-Imagedb-Host: web-7\r\n\r\n"
        assert b" 400 " in _send(connection.path, twice % path.encode()).splitlines()[0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "invalid JSON"),
        (b"[]", "invalid JSON"),
        (b"{}", "No image was specified"),
        (b'{"Image": 7}', "No image was specified"),
        (b'{"Image": "app:1", "Labels": ["a"]}', "Labels is no object of strings"),
        (b'{"Image": "app:1", "Labels": {"a": 1}}', "Labels is no object of strings"),
        (b'{"Image": "app:1", "Cmd": [1]}', "Cmd is no list of strings"),
        (b'{"Image": "app:1", "Entrypoint": {}}', "Entrypoint is no list of strings"),
    ],
)
def test_body_that_cannot_be_read_is_refused(
    connection: Connection, body: bytes, words: str
) -> None:
    """With 400, and nothing has changed."""
    status, _, said = connection.ask("POST", "/containers/create", body)

    assert status == 400
    assert words in said["message"]


def test_command_of_one_word_need_be_no_list(connection: Connection) -> None:
    """As an engine reads it."""
    body = json.dumps({"Image": "app:1", "Entrypoint": "env", "Cmd": ["-i"]}).encode()
    assert connection.ask("POST", "/containers/create?name=new", body)[0] == 201

    shown = connection.ask("GET", "/containers/new/json")[2]
    assert (shown["Path"], shown["Args"]) == ("env", ["-i"])


def test_state_that_a_container_is_in_is_told_as_that(connection: Connection) -> None:
    """304, decided where the state is changed; repeated under its ID a request is told the same."""
    for verb, changed in (("start", "/containers/web"), ("stop", "/containers/job")):
        assert connection.ask("POST", f"{changed}/{verb}")[0] == 304
    first = connection.ask("POST", "/containers/web/stop", Idempotency_Key="mine")
    again = connection.ask("POST", "/containers/web/stop", Idempotency_Key="mine")
    assert (first[0], again[0]) == (204, 204)
    assert connection.ask("POST", "/containers/web/stop")[0] == 304
    assert connection.ask("POST", "/containers/none/start")[0] == 404
    assert connection.ask("POST", "/containers/job/kill?signal=NOPE")[0] == 400


def test_user_of_the_socket_is_who_asks(fleet: World, service: Service) -> None:
    """By the kernel's word, whatever whoever serves is called."""
    engine = Engine(service.url)
    assert engine.ask("POST", "/images/app:1/tag", {"repo": "app", "tag": "2"}).status == 201

    give_positions(fleet.database)
    assert fleet.events()[-1].who == f"{getpass.getuser()}@{socket.gethostname()}"


def test_body_that_is_too_large_is_refused(connection: Connection) -> None:
    """Before all of it is in memory."""
    body = b'{"Image": "' + b"x" * (17 << 20) + b'"}'

    assert connection.ask("POST", "/containers/create", body)[0] == 413


def test_everything_outside_is_told_in_one_sentence(connection: Connection) -> None:
    """501, and what imagedb is."""
    for what, routes in OUTSIDE.items():
        for route in routes:
            method, _, path = route.partition(" ")
            path = path.replace("{id}", "web").replace("{name:path}", "app")
            status, _, said = connection.ask(method, path.replace("{name}", "x"))
            assert status == 501, route
            if method != "HEAD":
                assert said["message"].startswith(f"imagedb does not {what}: it keeps"), route
    for path, (expected, _) in ABSENT.items():
        assert connection.ask("GET", path.replace("{name:path}", "x").format(name="x"))[0] == (
            expected
        )
    assert connection.ask("POST", "/images/create?fromImage=busybox")[0] == 501


def test_root_filesystem_becomes_an_image_of_one_layer(service: Service) -> None:
    """As `docker import` makes it; what is no tar is told in the answer."""
    engine, tar = Engine(service.url), a_tar({"etc/os-release": b"ID=made-up\n"})
    query = {"fromSrc": "-", "repo": "rootfs", "tag": "1", "message": "by hand"}

    made = engine.ask("POST", "/images/create", query, tar)

    image = engine.ask("GET", "/images/rootfs:1/json").body
    assert made.body == {"status": image["Id"]}
    assert image["RootFS"]["Layers"] == [digest_of(tar)]
    assert (image["Os"], image["Architecture"]) == ("linux", "amd64")
    [step] = engine.ask("GET", "/images/rootfs:1/history").body
    assert step["Comment"] == "by hand"
    told = engine.ask("GET", "/events", {"since": "1h", "until": "-1s"}).text.splitlines()
    assert [json.loads(line)["Action"] for line in told] == ["import"]

    refused = engine.ask("POST", "/images/create", {"fromSrc": "-"}, b"x" * 2048)
    assert "neither a tar nor a gzip file" in refused.body["error"]


def test_service_ends_when_it_is_told_to(service: Service) -> None:
    """With code 0, its socket gone, and whoever follows events let go."""
    follower = Connection(service.path)
    follower.request("GET", "/events")
    response = follower.getresponse()

    code, said = service.end()

    lines = [json.loads(line) for line in said.splitlines()]
    assert code == 0
    assert [(line["path"], line["status"]) for line in lines] == [("/events", 200)]
    assert response.read() == b""
    response.close()
    follower.close()
    assert not service.path.exists()


def test_connection_that_was_made_before_the_end_is_answered(service: Service) -> None:
    """Though the service had not seen it yet: it may have waited in the kernel."""
    waiting = [Connection(service.path) for _ in range(20)]
    for client in waiting:
        client.request("GET", "/_ping")

    code, _ = service.end()

    assert code == 0
    assert [client.getresponse().read() for client in waiting] == [b"OK"] * 20
    for client in waiting:
        client.close()


def test_client_that_leaves_during_its_body_is_no_defect(service: Service) -> None:
    """It has a status of its own and is sent nothing, whatever was to be read."""
    paths = ("/images/load", "/containers/create", "/imagedb/v1/holds")
    for path in paths:
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        assert not _send(service.path, f"{head}Content-Length: 100\r\n\r\n{{".encode())

    _, said = service.end()

    lines = [json.loads(line) for line in said.splitlines()]
    told = [(line["path"], line["status"], line["level"]) for line in lines]
    assert told == [(path, 499, "info") for path in paths]


def test_log_is_json_whatever_the_server_has_to_say(service: Service) -> None:
    """Of what is no HTTP, and of a protocol that is not spoken."""
    assert b" 400 " in _send(service.path, b"nonsense\r\n\r\n")
    wanted = b"Host: a\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n"
    assert b" 200 " in _send(service.path, b"GET /_ping HTTP/1.1\r\n" + wanted + b"\r\n")

    _, said = service.end()

    lines = [json.loads(line) for line in said.splitlines()]
    told = [line["event"] for line in lines]
    assert told[:2] == ["Invalid HTTP request received.", "Unsupported upgrade request."]
