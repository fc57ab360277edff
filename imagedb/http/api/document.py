"""The OpenAPI document: what FastAPI writes of our routes, and how errors are told."""

import re
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from imagedb.http.api.examples import PROBLEM as EXAMPLE
from imagedb.http.api.examples import add_examples
from imagedb.http.problems import MEDIA_TYPE, PREFIX

Object = dict[str, Any]
RESPONSES: Final[dict[int | str, Object]] = {
    status: {"description": told, "content": {MEDIA_TYPE: {}}}
    for status, told in {
        400: "The request cannot be right.",
        404: "What was asked for is not there.",
        413: "The body is too large.",
        429: "The host asks too often.",
        500: "A defect, or the database refused: the log has it, under the request's ID.",
        503: "Busy: nothing was changed, or the request's ID will tell; try again.",
    }.items()
}
"""What every route may answer."""
_SENTENCE_END: Final = re.compile(r"[.;\n]")
CONFLICT: Final = {"description": "What is there forbids it.", "content": {MEDIA_TYPE: {}}}
_CHANGING: Final = frozenset({"post", "delete"})


def _texts(told: str) -> Object:
    return {"type": "array", "description": told, "items": {"type": "string"}}


PROBLEM: Final[Object] = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457), with what is known of it as data.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Leads to a line on that kind of problem."},
        "title": {"type": "string", "description": "The same for all of the kind."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong here, and what to do."},
        "request_id": {"type": "string"},
        "conflicts": {
            "type": "array",
            "description": "Every reason that refuses a delete.",
            "items": {"$ref": "#/components/schemas/ConflictEntry"},
        },
        "candidates": _texts("Images or containers that the text may mean."),
        "differences": _texts("What is not as the plan says."),
        "near": _texts("Namespaces whose names look like it."),
        "holds": {
            "type": "array",
            "description": "The numbers of an image's holds, of which one is to be chosen.",
            "items": {"type": "integer"},
        },
        "cut": {"type": "integer", "description": "The highest position removed."},
    },
    "examples": [EXAMPLE],
}


def name_of(route: APIRoute) -> str:
    """Name an operation as clients made from the document call it."""
    return f"{route.tags[0]}_{route.name.rstrip('_')}"


def takes(model: type[BaseModel], example: Object) -> Object:
    """Describe a body that the handler reads by itself."""
    return _body({"$ref": f"#/components/schemas/{model.__name__}"}, example)


def _body(schema: Object, example: Any) -> Object:  # noqa: ANN401 - JSON
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


_CONTAINER: Final[Object] = {
    "Id": "4c01db0b339c" + "0" * 52,
    "Name": "/web",
    "Created": "2026-01-31T15:04:05Z",
    "Image": "sha256:" + "5c1b" * 16,
    "State": {
        "Status": "running",
        "StartedAt": "2026-01-31T15:04:06Z",
        "FinishedAt": "0001-01-01T00:00:00Z",
    },
    "Config": {"Image": "app:1"},
    "Mounts": [],
}
REPORT: Final = _body(
    {
        "type": "array",
        "items": {"type": "object", "required": ["Id", "Name", "Created", "Image", "State"]},
    },
    [_CONTAINER],
)
"""The body of a report: what `docker inspect` prints."""


def describe(api: FastAPI) -> None:
    """Let an application's document be complete."""
    write = api.openapi

    def complete() -> Object:
        if api.openapi_schema is None:
            document = write()
            document["servers"] = [{"url": PREFIX}]
            _complete(document)
        return write()

    api.openapi = complete  # type: ignore[method-assign] # FastAPI's way to extend it


def _complete(document: Object) -> None:
    schemas = document["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in document["paths"].values():
        for method, operation in operations.items():
            operation["summary"] = _SENTENCE_END.split(operation["description"])[0]
            responses = operation["responses"]
            responses.pop("422", None)
            if method in _CHANGING:
                responses["409"] = dict(CONFLICT)
            _describe_problems(responses)
            _describe_success(responses)
    add_examples(document)
    _share(document, "responses")
    _share(document, "parameters")


def _describe_success(responses: Object) -> None:
    for status, response in responses.items():
        if status.startswith("2"):
            response["description"] = "Done."


def _describe_problems(responses: Object) -> None:
    for status, response in responses.items():
        if status.startswith(("4", "5")):
            schema = {"$ref": "#/components/schemas/Problem"}
            response["content"] = {MEDIA_TYPE: {"schema": schema}}


# ── what many operations have in common, written once ─────────────────────────────────────────


def _share(document: Object, kind: str) -> None:
    """Let operations refer to what several of them answer, or are asked with, alike."""
    shared = document["components"].setdefault(kind, {})
    for operations in document["paths"].values():
        for operation in operations.values():
            if kind == "parameters":
                found = operation.get(kind, [])
                operation[kind] = [_refer(shared, kind, one["name"], one) for one in found]
            else:
                for status, response in operation[kind].items():
                    if status.startswith(("4", "5")):
                        operation[kind][status] = _refer(shared, kind, status, response)


def _refer(shared: Object, kind: str, name: str, described: Object) -> Object:
    """Refer to what has this name, if it is the same thing."""
    if kind == "parameters" and described["in"] == "path":
        return described
    if shared.setdefault(name, described) != described:
        return described
    return {"$ref": f"#/components/{kind}/{name}"}
