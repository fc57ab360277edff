"""Our own API: lists in pages, lineage, events by position."""

import pytest

from imagedb.retention import prune_events
from tests.builders.api import API
from tests.builders.images import an_image
from tests.builders.world import LONG_AGO, World
from tests.service.conftest import APP, BASE, OLD


def test_lists_give_the_same_in_pages_of_any_size(api: API, fleet: World) -> None:
    """Nothing twice, nothing passed over; the link leads on, and ends."""
    for number in range(3):
        api.own("POST", "/namespaces", {"name": f"lab-{number}"})
        fleet.hold("app:1", reason=f"reason {number}")
    fleet.delete("multi:1")
    paths = ("/hosts", "/holds", "/namespaces", "/releases", "/events", "/images/base:1/children")
    for path in paths:
        whole = api.own("GET", path)["items"]
        assert len(whole) > 1, path
        for limit in (1, 2):
            pages = list(api.pages(path, limit=limit))
            assert [item for page in pages for item in page] == whole
            assert all(len(page) <= limit for page in pages)


@pytest.mark.parametrize("path", ["/holds", "/releases", "/events", "/images/app:1/parents"])
@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "1.2.3", "\u0661"])
def test_cursor_that_no_page_gave_is_refused(api: API, path: str, after: str) -> None:
    """With 400, and in a line that says what was expected."""
    problem = api.refused("GET", path, after=after)
    assert (problem["status"], "expected the `next` of a page" in problem["detail"]) == (400, True)


def test_lineage_tells_relatives_with_their_names(api: API) -> None:
    """Nearest first; the base is the nearest with a name."""
    parents = api.own("GET", f"/images/{OLD.digest}/parents")["items"]
    assert [(one["id"], one["names"], one["shared_layers"]) for one in parents] == [
        (APP.digest, ["app:1"], 2),
        (BASE.digest, ["base:1", "base:stable"], 1),
    ]
    assert parents[0]["platforms"] == ["linux/amd64"]
    children = api.own("GET", "/images/base:1/children")["items"]
    assert [one["id"] for one in children] == [OLD.digest, APP.digest]
    assert api.own("GET", f"/images/{OLD.digest}/base")["base"]["names"] == ["app:1"]
    assert api.own("GET", "/images/base:1/base")["base"] is None
    assert api.refused("GET", "/images/no/such:1/parents")["status"] == 404
    assert api.refused("GET", "/images/UPPER/parents")["status"] == 400


def test_tree_is_drawn_as_levels(api: API, fleet: World) -> None:
    """However deep it is."""
    nodes = api.own("GET", "/tree", image="base:1")["nodes"]
    assert [(node["level"], node["id"]) for node in nodes] == [
        (0, BASE.digest),
        (1, APP.digest),
        (2, OLD.digest),
    ]
    for depth in range(4, 10):
        fleet.add(an_image("abcdefghij"[:depth]))
    levels = [node["level"] for node in api.own("GET", "/tree")["nodes"]]
    assert max(levels) == 8


def test_events_are_followed_by_position(api: API, fleet: World) -> None:
    """Who comes too late is told where to go on, not given a part."""
    first = api.own("GET", "/events", limit=2)
    fleet.tag("app:1", "app:new")
    last = api.own("GET", "/events")["items"][-1]
    assert (last["action"], last["name"], last["who"]) == ("tag", "app:new", "tester@test")
    assert api.own("GET", "/events", after=last["position"])["items"] == []

    prune_events(fleet.database, before=LONG_AGO.replace(year=2100))
    problem = api.refused("GET", "/events", after=first["next"])
    assert (problem["status"], problem["cut"]) == (410, last["position"])
    assert api.own("GET", "/events", after=problem["cut"])["items"] == []
    assert api.own("GET", "/events")["items"] == []
