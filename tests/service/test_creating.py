"""What a create of a container says: what is of the wrong type is refused, never left out."""

import pytest

from tests.builders.api import API
from tests.service.conftest import BASE

IMAGE = {"Image": "app:1"}
ADDRESS = "/containers/create"


@pytest.mark.parametrize(
    ("host_config", "told"),
    [
        (5, "HostConfig is no object"),
        ([], "HostConfig is no object"),
        (0, "HostConfig is no object"),
        ({"Mounts": {"a": 1}}, "HostConfig.Mounts is no list of objects"),
        ({"Mounts": [None]}, "HostConfig.Mounts is no list of objects"),
        ({"Mounts": ""}, "HostConfig.Mounts is no list of objects"),
        ({"Mounts": [{"Type": 5}]}, "Type of a mount is no string"),
        ({"Mounts": [{"Type": "image", "Source": 5}]}, "Source of a mount is no string"),
        ({"Mounts": [{"Type": "bind", "Target": []}]}, "Target of a mount is no string"),
    ],
)
def test_mount_of_another_type_is_refused(api: API, host_config: object, told: str) -> None:
    """A container without what it mounts would keep no image."""
    answer = api.ask("POST", ADDRESS, {**IMAGE, "HostConfig": host_config})

    assert (answer.status_code, answer.json()) == (400, {"message": f"invalid JSON: {told}"})
    assert len(api.ask("GET", "/containers/json", all=1).json()) == 2


@pytest.mark.parametrize("labels", [[], 0, "", {"a": 1}])
def test_labels_of_another_type_are_refused(api: API, labels: object) -> None:
    """Also those that are empty."""
    assert api.ask("POST", ADDRESS, {**IMAGE, "Labels": labels}).status_code == 400


def test_names_match_without_regard_to_case(api: API) -> None:
    """As Go reads them: a mount in lower case keeps its image too."""
    mount = {"type": "image", "SOURCE": "base:1", "target": "/base"}
    body = {"image": "app:1", "hostconfig": {"mounts": [mount]}, "labels": {"A": "b"}, "cmd": "sh"}
    made = api.ask("POST", ADDRESS, body, name="new")
    assert made.status_code == 201, made.text

    shown = api.ask("GET", "/containers/new/json").json()
    assert (shown["Config"]["Image"], shown["Config"]["Cmd"]) == ("app:1", ["sh"])
    assert shown["Config"]["Labels"]["A"] == "b"
    assert [one["Source"] for one in shown["Mounts"]] == [BASE.digest]


def test_null_says_nothing(api: API) -> None:
    """As docker's clients send it for what is not given; other mounts keep no image."""
    mounts = [{"Type": "bind", "Source": "/a", "Target": None}]
    for config in (None, {"Mounts": None}, {"Mounts": mounts}):
        body = {**IMAGE, "HostConfig": config, "Labels": None, "Cmd": None, "Entrypoint": None}
        assert api.ask("POST", ADDRESS, body).status_code == 201
