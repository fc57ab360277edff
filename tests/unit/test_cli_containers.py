"""Containers: mounts as they are typed, rows as docker shows them."""

from datetime import UTC, datetime, timedelta

import pytest

from imagedb.cli.container_rows import container_row
from imagedb.cli.containers import parse_mount
from imagedb.digests import Digest
from imagedb.errors import InvalidInputError
from imagedb.records import Container, Mount

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "type=image,source=data:1,target=/data",
        "target=/data,src=data:1,type=image",
        "TYPE=image,Source=data:1,dst=/data",
        "type=image,source=data:1,destination=/data",
    ],
)
def test_parse_mount_reads_docker_s_keys(text: str) -> None:
    """In any order, by any of their names."""
    assert parse_mount(text) == Mount("data:1", "/data")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "unexpected ''"),
        ("type=image,source=a", "source and target are required"),
        ("type=image,source=,target=/x", "source and target are required"),
        ("source=a,target=/x", "only type=image"),
        ("type=bind,source=a,target=/x", "only type=image"),
        ("type=image,source=a,target=/x,readonly", "unexpected 'readonly'"),
        ("type=image,source=a,src=b,target=/x", "unexpected 'src=b'"),
        ("type=image,source=a,target=/x,volume-driver=y", "unexpected 'volume-driver=y'"),
    ],
)
def test_parse_mount_refuses_the_rest(text: str, problem: str) -> None:
    """What cannot be recorded is not silently left out."""
    with pytest.raises(InvalidInputError, match=problem):
        parse_mount(text)


def a_container(**fields: object) -> Container:
    """Make a container that was created two hours ago and started an hour later."""
    defaults = {
        "key": 1,
        "id": "5735b64d4695" + "0" * 52,
        "name": "web",
        "host": "web-2",
        "state": "running",
        "reference": "app:1",
        "image_digest": Digest("sha256:" + "ab" * 32),
        "is_image_missing": False,
        "platform": None,
        "created": NOW - timedelta(hours=2),
        "started": NOW - timedelta(hours=1),
        "finished": None,
        "mounts": (Mount("data:1", "/data"), Mount("tools", "/tools")),
    }
    return Container(**(defaults | fields))  # type: ignore[arg-type] # what a test gives


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "Up About an hour"),
        ({"state": "paused"}, "Up About an hour (Paused)"),
        ({"started": None}, "Up"),
        ({"started": NOW + timedelta(hours=1)}, "Up Less than a second"),
        ({"state": "exited", "finished": NOW - timedelta(minutes=5)}, "Exited 5 minutes ago"),
        ({"state": "exited"}, "Exited"),
        ({"state": "exited", "exit_code": 0}, "Exited (0)"),
        (
            {"state": "exited", "exit_code": 137, "finished": NOW - timedelta(minutes=5)},
            "Exited (137) 5 minutes ago",
        ),
        ({"state": "created"}, "Created"),
        ({"state": "restarting"}, "Restarting"),
        ({"state": "removing"}, "Removal In Progress"),
        ({"state": "dead", "is_image_missing": True}, "Dead (image missing)"),
        ({"is_image_missing": True}, "Up About an hour (image missing)"),
    ],
)
def test_container_status_in_docker_s_words(fields: dict[str, object], status: str) -> None:
    """A state, since when, and whether the image is stored."""
    row = container_row(a_container(**fields), no_trunc=False, now=NOW)

    assert status == row["Status"]


def test_container_row_has_its_host() -> None:
    """Rows of a fleet say where a container is."""
    said = {"labels": {"b": "", "a": "1"}, "command": ("sh", "-c", 'a "b"', "it's", "long")}
    row = container_row(a_container(**said), no_trunc=False, now=NOW)

    assert {**row, "CreatedAt": "", "Status": ""} == {
        "ID": "5735b64d4695",
        "Image": "app:1",
        "Command": '"sh -c \'a \\"b\\"\' it\'s …"',
        "Labels": "a=1,b=",
        "ImageID": "abababababab",
        "RunningFor": "2 hours ago",
        "CreatedAt": "",
        "Status": "",
        "State": "running",
        "Host": "web-2",
        "Platform": "",
        "Mounts": "data:1,tools",
        "Names": "web",
    }
    bare = container_row(a_container(image_digest=None), no_trunc=True, now=NOW)
    assert (bare["ImageID"], bare["Command"], bare["Labels"]) == ("", '""', "")
