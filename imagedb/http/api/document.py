"""The OpenAPI document: what FastAPI writes of our routes, and how errors are told."""

from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel

from imagedb.http.problems import MEDIA_TYPE, PREFIX

Object = dict[str, Any]
RESPONSES: Final[dict[int | str, Object]] = {
    status: {"description": told, "content": {MEDIA_TYPE: {}}}
    for status, told in {
        400: "The request cannot be right.",
        404: "What was asked for is not there.",
        413: "The body is too large.",
        429: "The host asks too often.",
        503: "Busy: nothing was changed, or the request's ID will tell; try again.",
    }.items()
}
"""What every route may answer."""
CONFLICT: Final = {"description": "What is there forbids it.", "content": {MEDIA_TYPE: {}}}
_CHANGING: Final = frozenset({"post", "delete"})
_EXAMPLE: Final = {
    "type": f"{PREFIX}/problems/image-in-use",
    "title": "The image cannot be deleted",
    "status": 409,
    "detail": "conflict: unable to delete app:1 (must be forced) - container 4c01db0b339c is using "
    "its referenced image 5c1b2f9d3e0a",
    "request_id": "6f1d8a0f3c5e4b0f9f5d6c7b8a9e0d1f",
    "conflicts": [
        {
            "kind": "stopped container",
            "is_hard": False,
            "message": "container 4c01db0b339c is using its referenced image 5c1b2f9d3e0a",
            "container": "4c01db0b339c" + "0" * 52,
            "host": "web-1",
            "reference": None,
            "hold": None,
        }
    ],
}


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
    "examples": [_EXAMPLE],
}


def takes(model: type[BaseModel]) -> Object:
    """Describe a body that the handler reads by itself."""
    return _body({"$ref": f"#/components/schemas/{model.__name__}"})


def _body(schema: Object) -> Object:
    content = {"application/json": {"schema": schema}}
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
        "examples": [[_CONTAINER]],
    }
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
            responses = operation["responses"]
            responses.pop("422", None)
            if method in _CHANGING:
                responses["409"] = dict(CONFLICT)
            _describe_problems(responses)


def _describe_problems(responses: Object) -> None:
    for status, response in responses.items():
        if status.startswith(("4", "5")):
            schema = {"$ref": "#/components/schemas/Problem"}
            response["content"] = {MEDIA_TYPE: {"schema": schema}}
