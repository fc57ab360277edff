"""Our own API: plans, what keeps an image, and how refusals are told."""

from tests.builders.api import API
from tests.builders.world import World
from tests.service.conftest import APP, BASE, OLD


def _names(world: World) -> set[str]:
    return {name for image in world.images().values() for name in image.names}


def test_plan_tells_and_changes_nothing_until_it_is_applied(api: API, fleet: World) -> None:
    """What comes out is what the plan said, in its order."""
    plan = api.own("POST", "/plans/delete", {"reference": "app:1"})
    told = [record for image in plan["images"] for record in image["records"]]
    assert told == [{"Untagged": "app:1"}, {"Deleted": APP.digest}]
    assert "app:1" in _names(fleet)

    done = api.own("POST", "/plans/apply", plan)
    assert done == {"records": told, "freed": plan["freed"], "left": []}
    assert "app:1" not in _names(fleet)


def test_delete_plan_that_does_not_fit_any_more_is_refused_whole(api: API, fleet: World) -> None:
    """With every difference, and nothing was done."""
    plan = api.own("POST", "/plans/delete", {"reference": APP.digest, "force": True})
    fleet.tag("app:1", "app:new")

    problem = api.refused("POST", "/plans/apply", plan)

    assert (problem["status"], problem["type"]) == (409, "/imagedb/v1/problems/plan-changed")
    assert problem["differences"] == ["name app:new is new"]
    assert "app:1" in _names(fleet)


def test_prune_plan_leaves_what_has_changed(api: API, fleet: World) -> None:
    """And tells which images, and how they have changed."""
    body = {"filters": {"dangling": ["false"], "reference": ["app*", "multi*"]}}
    plan = api.own("POST", "/plans/prune", body)
    fleet.tag("app:1", "app:new")

    done = api.own("POST", "/plans/apply", plan)

    assert done["left"] == [{"id": APP.digest, "differences": ["name app:new is new"]}]
    assert done["records"][0] == {"Untagged": "multi:1"}
    assert "multi:1" not in _names(fleet)


def test_plan_is_applied_once_under_one_key(api: API, fleet: World) -> None:
    """Whoever lost the answer asks again, and is told the same."""
    plan = api.own("POST", "/plans/delete", {"reference": "app:1"})
    key = {"Idempotency-Key": "night-1"}
    first = api.ask("POST", "/imagedb/v1/plans/apply", plan, key)
    second = api.ask("POST", "/imagedb/v1/plans/apply", plan, key)

    assert (first.status_code, first.text) == (200, second.text)
    assert second.headers["X-Request-Id"] == "night-1"
    other = api.own("POST", "/plans/delete", {"reference": "multi:1"})
    assert api.ask("POST", "/imagedb/v1/plans/apply", other, key).status_code == 409
    assert "multi:1" in _names(fleet)


def test_plan_that_was_edited_is_refused(api: API) -> None:
    """Its token no longer fits; what is no plan is told where."""
    plan = api.own("POST", "/plans/delete", {"reference": "app:1"})
    plan["arguments"]["force"] = True
    assert "it was edited" in api.refused("POST", "/plans/apply", plan)["detail"]
    assert api.refused("POST", "/plans/apply", {"format": 1})["status"] == 400
    assert api.refused("POST", "/plans/delete", {"ref": "app:1"})["status"] == 400
    assert api.refused("POST", "/plans/prune", {"filters": {"age": ["1"]}})["status"] == 400


def test_blockers_are_what_keeps_an_image(api: API, fleet: World) -> None:
    """Also what would refuse nothing; each says what would lift it."""
    fleet.hold("app:1", reason="audit")
    held = api.own("GET", "/images/app:1/blockers")
    assert held["image"] == APP.digest
    assert [one["kind"] for one in held["conflicts"]] == ["hold"]
    assert [(one["kind"], one["lift"]) for one in held["blockers"]] == [
        ("hold", "lift it with `imagedb hold rm`")
    ]
    used = api.own("GET", f"/images/{BASE.digest}/blockers", force="true")
    assert [one["host"] for one in used["conflicts"]] == ["web-1"]
    assert api.own("GET", f"/images/{OLD.digest[7:19]}/blockers")["conflicts"] == []


def test_refusal_of_a_plan_carries_every_reason_as_data(api: API) -> None:
    """The first gives the message, in docker's words."""
    plan = api.own("POST", "/plans/delete", {"reference": BASE.digest})

    problem = api.refused("POST", "/plans/apply", plan)

    assert problem["type"] == "/imagedb/v1/problems/image-in-use"
    assert problem["detail"] == problem["conflicts"][0]["message"]
    assert [one["kind"] for one in problem["conflicts"]] == [
        one["kind"] for one in plan["images"][0]["conflicts"]
    ]
    assert len(problem["conflicts"]) > 1


def test_namespace_is_that_of_query_then_header_then_service(api: API) -> None:
    """What is not there is told with what looks like it."""
    api.own("POST", "/namespaces", {"name": "lab"})
    ask = {"reference": "app:1"}
    assert api.refused("POST", "/plans/delete", ask, namespace="lab")["status"] == 404
    named = api.ask("GET", "/imagedb/v1/hosts", headers={"X-Imagedb-Namespace": "lab"})
    assert named.json()["items"] == []
    headers = {"X-Imagedb-Namespace": "lab"}
    both = api.ask("GET", "/imagedb/v1/hosts", headers=headers, namespace="default")
    assert [host["name"] for host in both.json()["items"]] == ["web-1", "web-2"]
    assert api.refused("GET", "/hosts", namespace="lob")["near"] == ["lab"]
