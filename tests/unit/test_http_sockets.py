"""Where the service listens, and where it refuses to."""

import errno
import fcntl
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from imagedb.errors import AlreadyExistsError, InvalidInputError
from imagedb.http.sockets import default_socket, tcp_socket, unix_socket


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


def test_service_that_ends_leaves_the_socket_of_another(tmp_path: Path) -> None:
    """Whatever became of its own: the path is that of who listens there now."""
    path = tmp_path / "imagedb.sock"
    with unix_socket(path) as first:
        path.unlink()
        with unix_socket(path), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            first.hide()
            client.connect(str(path))
        with unix_socket(path):
            first.close()
            assert path.is_socket()


def test_service_waits_for_another_that_looks_at_the_path(tmp_path: Path) -> None:
    """Else both would find a stale socket, and one would remove what the other has made."""
    path, entered = tmp_path / "imagedb.sock", threading.Event()

    def enter() -> None:
        with unix_socket(path):
            entered.set()

    with (tmp_path / "imagedb.sock.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        other = threading.Thread(target=enter)
        other.start()
        assert not entered.wait(0.3)
    other.join(timeout=10)
    assert entered.is_set()


def test_place_where_nobody_could_listen_is_named_with_the_remedy(tmp_path: Path) -> None:
    """Not the system's word alone."""
    (tmp_path / "file").touch()
    long = tmp_path / ("x" * 108)
    for path, words in (
        (tmp_path / "missing" / "imagedb.sock", "No such file or directory: make its folder"),
        (tmp_path / "file" / "imagedb.sock", "Not a directory: its folder is a file"),
        (long, "107 bytes at most; say a shorter --socket"),
    ):
        with pytest.raises(InvalidInputError, match=words) as caught:
            unix_socket(path).__enter__()
        assert str(path) in str(caught.value)


def test_symbolic_link_at_the_place_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    """Also one that leads nowhere."""
    path = tmp_path / "imagedb.sock"
    path.symlink_to("nowhere")

    with pytest.raises(AlreadyExistsError, match="symbolic link and no socket: remove it"):
        unix_socket(path).__enter__()

    assert path.is_symlink()


def test_folder_that_may_not_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system refuses in its place: whoever runs the tests may be allowed everything."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("imagedb.http.sockets.os.open", refuse)
    with pytest.raises(InvalidInputError, match="Permission denied: let this user write there"):
        unix_socket(tmp_path / "imagedb.sock").__enter__()


def test_port_of_another_service_is_named() -> None:
    """With what to do."""
    with tcp_socket("127.0.0.1:0") as listening:
        port = listening.getsockname()[1]
        with pytest.raises(AlreadyExistsError, match=f"port {port}: end it, or say another --tcp"):
            tcp_socket(f"127.0.0.1:{port}").__enter__()


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
