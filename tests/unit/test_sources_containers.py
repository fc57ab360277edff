"""Reports of containers: docker inspect's JSON."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagedb.errors import InvalidReportError
from imagedb.platforms import Platform
from imagedb.records import Mount, ReportedContainer
from imagedb.sources.containers import parse_report

ID, HEX = "5735b64d4695" + "0" * 52, "ab" * 32


def an_item(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Write a container as docker inspect does, with some fields changed or (None) left out."""
    item = {
        "Id": ID,
        "Name": "/web",
        "Created": "2026-01-31T10:00:00.123456789Z",
        "Image": f"sha256:{HEX}",
        "Platform": "linux",
        "State": {
            "Status": "running",
            "Running": True,
            "ExitCode": 0,
            "StartedAt": "2026-01-31T12:00:00+01:00",
            "FinishedAt": "0001-01-01T00:00:00Z",
        },
        "Path": "nginx",
        "Args": ["-g", "daemon off;"],
        "Config": {"Image": "app:1", "Labels": {"role": "web"}},
        "ImageManifestDescriptor": {
            "digest": f"sha256:{HEX}",
            "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"},
        },
        "Mounts": [
            {"Type": "bind", "Source": "/etc", "Destination": "/etc"},
            {
                "Type": "image",
                "Name": "data:1",
                "Source": "/var/lib/docker/rootfs/x",
                "Destination": "/data",
            },
        ],
    }
    return {name: value for name, value in (item | changes).items() if value is not None}


def parse(*items: object) -> tuple[ReportedContainer, ...]:
    """Read a report of these items."""
    return parse_report(json.dumps(items))


def test_parse_report_takes_what_is_recorded() -> None:
    """Ages, image, platform and image mounts come out; other mounts do not."""
    assert parse(an_item()) == (
        ReportedContainer(
            id=ID,
            name="web",
            state="running",
            reference="app:1",
            image_digest=f"sha256:{HEX}",  # type: ignore[arg-type] # a digest is a text
            platform=Platform("linux", "arm64"),
            created=datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC),
            started=datetime(2026, 1, 31, 11, tzinfo=UTC),
            finished=None,
            mounts=(Mount("data:1", "/data"),),
            labels={"role": "web"},
            command=("nginx", "-g", "daemon off;"),
            exit_code=None,
        ),
    )


def test_parse_report_of_a_classic_engine() -> None:
    """It tells the operating system alone, which is no platform; it has no mounts of images."""
    (container,) = parse(an_item(ImageManifestDescriptor=None, Mounts=None))

    assert container.platform is None
    assert container.mounts == ()


def test_parse_report_of_nothing_is_nothing() -> None:
    """A host without containers reports an empty array."""
    assert parse_report(b"[]") == ()


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        (
            {"Platform": "linux/arm/v6", "ImageManifestDescriptor": None},
            "platform",
            Platform("linux", "arm", "v6"),
        ),
        ({"ImageManifestDescriptor": {"platform": {"os": "linux"}}}, "platform", None),
        ({"Image": HEX}, "image_digest", f"sha256:{HEX}"),
        ({"Name": "web"}, "name", "web"),
        ({"Config": None}, "reference", ""),
        ({"Config": None}, "labels", {}),
        ({"Config": {"Image": "a", "Labels": None}}, "labels", {}),
        ({"Config": {"Labels": {"a\x00": "\ud800"}}}, "labels", {"a\ufffd": "\ufffd"}),
        ({"Path": None}, "command", ()),
        ({"Args": None}, "command", ("nginx",)),
        ({"State": {"Status": "exited", "ExitCode": 137}}, "exit_code", 137),
        ({"State": {"Status": "dead", "ExitCode": 0}}, "exit_code", 0),
        ({"State": {"Status": "created", "ExitCode": 0}}, "exit_code", None),
        ({"State": {"Status": "exited", "ExitCode": 2**32 - 1}}, "exit_code", None),
        ({"State": {"Status": "exited"}}, "exit_code", None),
        ({"Config": {"Image": "a\x00b\ud800"}}, "reference", "a\ufffdb\ufffd"),
        ({"State": {"Status": "created"}}, "started", None),
        ({"State": {"Status": "created", "StartedAt": ""}}, "started", None),
        (
            {"Mounts": [{"Type": "image", "Source": f"sha256:{HEX}", "Destination": "/x"}]},
            "mounts",
            (Mount(f"sha256:{HEX}", "/x", f"sha256:{HEX}"),),  # type: ignore[arg-type] # a text
        ),
    ],
)
def test_parse_report_forgives(changes: dict[str, Any], field: str, expected: object) -> None:
    """What an engine leaves out, or writes in another way, is understood."""
    (container,) = parse(an_item(**changes))

    assert expected == getattr(container, field)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Id": "5735b64d4695"}, "Id is '5735b64d4695', expected 64 hex digits"),
        ({"Id": None}, "Id is missing, expected a text"),
        ({"Name": 7}, "Name is '7', expected a text"),
        ({"Created": None}, "Created is no moment"),
        ({"Created": "yesterday"}, "Created is 'yesterday', expected a moment"),
        ({"Created": "9999999-01-01T00:00:00Z"}, "Created is '9999999-01-01T00:00:00Z'"),
        ({"Image": "app:1"}, "Image is 'app:1', expected a digest"),
        ({"State": None}, "State.Status is missing"),
        ({"State": {"Status": "sleeping"}}, "State.Status is 'sleeping', expected one of created"),
        ({"State": {"Status": "exited", "FinishedAt": "x"}}, "State.FinishedAt is 'x'"),
        ({"Config": {"Image": []}}, "Config.Image is '\\[\\]'"),
        ({"Config": {"Labels": {"a": 1}}}, "Config.Labels has '1', expected a text"),
        ({"Config": {"Labels": ["a"]}}, "Config.Labels is .*, expected an object"),
        ({"Args": ["a", 1]}, "Args has something else than texts"),
        ({"State": {"Status": "exited", "ExitCode": "0"}}, "State.ExitCode is '0'"),
        ({"Mounts": {}}, "Mounts is '{}', expected an array"),
        ({"Mounts": [{"Type": "image"}]}, r"Mounts\[0\] names no image"),
        (
            {"ImageManifestDescriptor": {"platform": {"os": "li nux", "architecture": "x"}}},
            "invalid platform",
        ),
    ],
)
def test_parse_report_says_where_it_is_wrong(changes: dict[str, Any], problem: str) -> None:
    """The container by its place and name, the field by its path."""
    with pytest.raises(InvalidReportError, match=f"invalid report: container 2.*{problem}"):
        parse(an_item(), an_item(**changes))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "{}",
        "null",
        '["x"]',
        "[" * 100_000,
        b"\xff\xfe\xff",
        '[{"Id": 1}',
        "[1e999]",
        "\x00",
    ],
)
def test_parse_report_refuses_other_documents(text: str | bytes) -> None:
    """What is not the array that docker inspect prints is refused whole."""
    with pytest.raises(InvalidReportError, match=r"^invalid report: "):
        parse_report(text)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(field=st.sampled_from(sorted(an_item())), value=_json)
def test_parse_report_never_fails_otherwise(field: str, value: object) -> None:
    """Whatever stands in a field, it is read or refused."""
    try:
        parse_report(json.dumps([an_item() | {field: value}]))
    except InvalidReportError:
        return


def test_parse_report_refuses_a_name_that_no_index_holds() -> None:
    """The message says which container, which field, and the limit."""
    with pytest.raises(InvalidReportError, match=r"container 1 .*: Name has 256 characters"):
        parse(an_item(Name="/" + "n" * 256))
    assert parse(an_item(Name="/" + "n" * 255))[0].name == "n" * 255
