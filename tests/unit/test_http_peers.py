"""Who is at the other end of a socket."""

import os
import pwd
import socket

import pytest

from imagedb.http.peers import find_user, who_asks


def test_user_of_a_unix_socket_is_known() -> None:
    """Here both ends are the test's own."""
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert find_user(ours) == os.getuid()


def test_user_of_another_socket_is_not_known() -> None:
    """Nothing proves who is at the end of a TCP connection."""
    with socket.socket(socket.AF_INET) as other:
        assert find_user(other) is None
    assert find_user(None) is None


@pytest.mark.parametrize("user", [0, 4_000_000_000])
def test_user_is_named_where_it_has_a_name(user: int) -> None:
    """At the machine of the socket; a user without a name is its number."""
    names = {entry.pw_uid: entry.pw_name for entry in pwd.getpwall()}
    expected = f"{names.get(user, user)}@{socket.gethostname()}"

    assert who_asks({"imagedb_user": user}, "ops@example.com") == expected


def test_whoever_serves_asks_where_nobody_is_known() -> None:
    """As on TCP."""
    assert who_asks({}, "ops@example.com") == "ops@example.com"
