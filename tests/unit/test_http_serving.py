"""Where the service listens, and where it refuses to."""

import socket
import stat
from pathlib import Path

import pytest

from imagedb.errors import AlreadyExistsError, InvalidInputError
from imagedb.http.serving import default_socket, tcp_socket, unix_socket


def test_socket_is_for_its_owner_and_group(tmp_path: Path) -> None:
    """Whoever may write to it may delete images; it goes with the service."""
    path = tmp_path / "imagedb.sock"

    with unix_socket(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660

    assert not path.exists()


def test_socket_that_nobody_listens_at_is_replaced(tmp_path: Path) -> None:
    """A killed service leaves one behind."""
    path = tmp_path / "imagedb.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as killed:
        killed.bind(str(path))

    with unix_socket(path), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(path))


def test_socket_of_another_service_is_left_alone(tmp_path: Path) -> None:
    """Two would take each other's clients away."""
    path = tmp_path / "imagedb.sock"

    with unix_socket(path), pytest.raises(AlreadyExistsError, match="another service"):
        unix_socket(path).__enter__()


def test_file_at_the_place_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    """Whatever it is, it is not ours."""
    path = tmp_path / "notes.txt"
    path.write_text("kept")

    with pytest.raises(AlreadyExistsError, match="no socket"):
        unix_socket(path).__enter__()

    assert path.read_text() == "kept"


def test_default_socket_is_the_user_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment says that a user's sockets are."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    assert default_socket() == Path("/run/user/1000/imagedb.sock")

    monkeypatch.delenv("XDG_RUNTIME_DIR")
    with pytest.raises(InvalidInputError, match="--socket PATH"):
        default_socket()


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0"])
def test_port_of_this_machine_is_served(address: str) -> None:
    """On either version of IP."""
    if address.startswith("[") and not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    with tcp_socket(address) as listening:
        assert listening.getsockname()[1] > 0


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("0.0.0.0:2375", "nothing would prove who asks"),
        ("192.0.2.1:2375", "nothing would prove who asks"),
        ("[::]:2375", "nothing would prove who asks"),
        ("db.example.com:2375", "nothing would prove who asks"),
        (":2375", "nothing would prove who asks"),
        ("127.0.0.1", "expected 127.0.0.1:PORT"),
        ("127.0.0.1:port", "expected 127.0.0.1:PORT"),
        ("127.0.0.1:70000", "expected 127.0.0.1:PORT"),
    ],
)
def test_other_addresses_are_refused(address: str, words: str) -> None:
    """Until there are certificates and tokens."""
    with pytest.raises(InvalidInputError, match=words):
        tcp_socket(address).__enter__()
