"""Our own API: hosts, reports, holds, claims, namespaces."""

import json
from typing import Any

from tests.builders.api import API
from tests.builders.world import World
from tests.service.conftest import APP


def a_report(name: str, image: str, state: str = "running") -> dict[str, Any]:
    """A container as `docker inspect` prints it."""
    return {
        "Id": name.encode().hex().ljust(64, "0"),
        "Name": f"/{name}",
        "Created": "2024-05-01T00:00:00Z",
        "Image": image,
        "Config": {"Image": "app:1"},
        "State": {
            "Status": state,
            "StartedAt": "2024-05-01T00:00:00Z",
            "FinishedAt": "0001-01-01T00:00:00Z",
        },
        "Mounts": [],
    }


def _hosts(api: API) -> dict[str, Any]:
    return {host["name"]: host for host in api.own("GET", "/hosts")["items"]}


def test_host_is_added_renewed_and_removed(api: API) -> None:
    """A lease holds until the next; removal by force is for those that are gone."""
    api.own("POST", "/hosts", {"name": "arm-1", "platform": "linux/arm64"})
    assert api.refused("POST", "/hosts", {"name": "arm-1"})["status"] == 409
    assert _hosts(api)["arm-1"]["platform"] == "linux/arm64"

    api.own("POST", "/hosts/arm-1/heartbeat", {"lease_seconds": 300})
    assert (_hosts(api)["arm-1"]["lease"], _hosts(api)["arm-1"]["is_stale"]) == (300, False)
    assert api.refused("POST", "/hosts/arm-1/heartbeat", {"lease_seconds": 0})["status"] == 400
    assert api.own("DELETE", "/hosts/arm-1") == {"containers": 0}
    assert api.refused("DELETE", "/hosts/arm-1")["status"] == 404

    assert api.refused("DELETE", "/hosts/web-2")["status"] == 409
    assert api.own("DELETE", "/hosts/web-2", force="true") == {"containers": 1}


def test_report_is_of_the_host_in_the_path(api: API) -> None:
    """A complete one removes what it does not name; a bad one is told by its container."""
    report = [a_report("app", APP.digest), a_report("other", "sha256:" + "0" * 64, "exited")]
    told = api.own("POST", "/hosts/web-2/report", report)
    assert told == {"created": 2, "updated": 0, "removed": 0, "unlinked": 1}
    assert api.own("POST", "/hosts/web-2/report", report)["created"] == 0
    assert api.own("POST", "/hosts/web-2/report", [], complete="true")["removed"] == 3
    assert _hosts(api)["web-1"]["containers"] == 1

    report[1]["State"] = {}
    problem = api.refused("POST", "/hosts/web-2/report", report)
    assert (problem["status"], "container 2" in problem["detail"]) == (400, True)
    assert api.refused("POST", "/hosts/web-2/report", b"{")["status"] == 400
    assert api.refused("POST", "/hosts/bad host/report", [])["status"] == 400


def test_hold_refuses_until_it_is_lifted(api: API) -> None:
    """Of several, it must be said which; the numbers are told."""
    first = api.own("POST", "/holds", {"image": "app:1", "reason": "audit"})["number"]
    until = "2100-01-31T00:00:00Z"
    second = api.own("POST", "/holds", {"image": "app:1", "reason": "legal", "until": until})
    listed = api.own("GET", "/holds", image="app:1")["items"]
    assert [(one["number"], one["reason"], one["until"]) for one in listed] == [
        (first, "audit", None),
        (second["number"], "legal", until),
    ]
    assert listed[0]["who"] == "ops@example.com"
    assert api.own("GET", "/holds", image="base:1")["items"] == []
    assert api.refused("POST", "/holds", {"image": "app:1", "reason": " "})["status"] == 400

    problem = api.refused("DELETE", "/images/app:1/holds")
    assert (problem["status"], problem["holds"]) == (409, [first, second["number"]])
    assert api.own("DELETE", "/images/app:1/holds", number=first) == {"numbers": [first]}
    assert api.own("DELETE", "/images/app:1/holds") == {"numbers": [second["number"]]}
    assert api.refused("DELETE", "/images/app:1/holds")["status"] == 404


def test_releases_are_claimed_done_and_given_back(api: API, fleet: World) -> None:
    """Two workers get different ones; what is left is told with its reason."""
    fleet.delete("multi:1")
    waiting = api.own("GET", "/releases")["items"]
    first = api.own("POST", "/claims", {"limit": 2, "lease_seconds": 60})
    second = api.own("POST", "/claims", {})
    claimed = [one["digest"] for one in first["releases"] + second["releases"]]
    assert claimed == [one["digest"] for one in waiting]
    assert api.own("POST", "/claims", {})["id"] == ""

    one, other = (release["digest"] for release in first["releases"])
    unknown = "sha256:" + "0" * 64
    done = api.own("POST", f"/claims/{first['id']}/done", {"digests": [one, unknown]})
    assert [release["digest"] for release in done["done"]] == [one]
    assert [(left["digest"], left["why"]) for left in done["left"]] == [(unknown, "never claimed")]
    back = api.own("POST", f"/claims/{first['id']}/reset")
    assert [release["digest"] for release in back["releases"]] == [other]
    assert api.refused("POST", "/claims/nothing/done", {})["status"] == 404
    assert api.refused("POST", "/claims", {"limit": 0})["status"] == 400
    assert api.refused("GET", "/releases", kind="layer")["status"] == 400


def test_namespace_is_made_and_removed_when_it_holds_nothing(api: API) -> None:
    """The one that is always there stays."""
    assert api.own("POST", "/namespaces", {"name": "lab"})["name"] == "lab"
    assert api.refused("POST", "/namespaces", {"name": "lab"})["status"] == 409
    api.own("POST", "/hosts", {"name": "lab-1"}, namespace="lab")
    assert api.refused("DELETE", "/namespaces/lab")["status"] == 409
    api.own("DELETE", "/hosts/lab-1", namespace="lab")
    api.own("DELETE", "/namespaces/lab")
    assert api.refused("DELETE", "/namespaces/default")["status"] == 409


def test_every_problem_leads_to_a_line_on_its_kind(api: API) -> None:
    """By its type; a defect tells nothing of itself."""
    kinds = {kind["name"]: kind for kind in api.own("GET", "/problems")["kinds"]}
    assert kinds["events-gone"]["status"] == 410
    problem = api.refused("GET", "/images/none/base")
    kind = json.loads(api.ask("GET", problem["type"]).text)
    assert (kind["title"], kind["status"]) == (problem["title"], 404)
    assert api.refused("GET", "/problems/none")["status"] == 404
