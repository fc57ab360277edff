"""The OpenAPI document tells what the service does: what it says itself, and random requests."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from imagedb.http.api.app import create_api
from imagedb.plan_documents import parse_plan
from tests.builders.api import API

KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"
DOCUMENT = create_api().openapi()


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def test_document_that_is_kept_is_the_one_that_is_served(api: API) -> None:
    """`make docs` writes it."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert kept == api.own("GET", "/openapi.json") == json.loads(json.dumps(DOCUMENT))


def test_every_operation_tells_how_it_may_be_refused() -> None:
    """By problems with a schema; whoever changes something may meet a conflict."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for path, method, operation in _operations():
        told = set(operation["responses"])
        assert told >= {"400", "404", "413", "429", "500", "503"}, (method, path)
        assert ("409" in told) == (method in {"post", "delete"}), (method, path)
        assert "422" not in told
    for status, response in DOCUMENT["components"]["responses"].items():
        assert response["content"] == {"application/problem+json": schema}, status


def test_every_body_has_an_example_that_fits_its_schema() -> None:
    """Of what is asked and of what is answered; the plan's would be read."""
    seen = 0
    for _, _, operation in _operations():
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            content = body.get("content", {}).get("application/json")
            if content:
                schema = {**content["schema"], "components": DOCUMENT["components"]}
                jsonschema_rs.validator_for(schema).validate(content["example"])
                seen += 1
    [plan] = DOCUMENT["components"]["schemas"]["PlanDocument"]["examples"]

    assert seen > len(DOCUMENT["paths"])
    assert parse_plan(json.dumps(plan)).operation == "delete"


def test_method_that_a_path_has_not_is_told_those_that_it_has(api: API) -> None:
    """All of them."""
    refused = api.ask("PATCH", "/imagedb/v1/holds")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, POST")
