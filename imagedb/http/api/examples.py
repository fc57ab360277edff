"""Examples of the OpenAPI document: whole ones, put together from those of their fields."""

from collections.abc import Mapping
from typing import Any, Final

from imagedb.http.problems import PREFIX
from imagedb.plan_documents import with_token

Object = dict[str, Any]
MOMENT: Final = "2026-01-31T15:04:05Z"
APP: Final = "sha256:5c1b2f9d3e0a47788f6a4f1d2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e"
BASE: Final = "sha256:90d1e1d7c3a54b0f8e6f5a4b3c2d1e0f90d1e1d7c3a54b0f8e6f5a4b3c2d1e0f"
BLOB: Final = "sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
_DEFINITION: Final = "#/components/schemas/"
_BY_FORMAT: Final[Mapping[str | None, str]] = {"date-time": MOMENT}
_BY_TYPE: Final[Mapping[str, Any]] = {"boolean": False, "null": None}

PLAN: Final[Object] = with_token(
    {
        "operation": "delete",
        "namespace": "default",
        "actor": "ops@example.com",
        "host": "web-1",
        "arguments": {
            "reference": "app:1",
            "force": False,
            "prune": True,
            "platforms": [],
            "ignore_stale": False,
        },
        "images": [
            {
                "facts": {
                    "id": APP,
                    "entered": MOMENT,
                    "references": ["docker.io/library/app:1"],
                    "containers": [],
                    "holds": [],
                    "manifests": [{"digest": APP, "platform": "linux/amd64"}],
                    "parents": [
                        {"id": BASE, "is_dangling": True, "is_used": False, "is_held": False}
                    ],
                },
                "conflicts": [],
                "records": [{"Untagged": "app:1"}, {"Deleted": APP}, {"Deleted": BASE}],
                "reasons": [
                    {
                        "kind": "parent",
                        "subject": BASE,
                        "keeps": False,
                        "why": "nothing keeps it: it is pruned too",
                        "lift": "",
                    }
                ],
            }
        ],
        "content": [
            {
                "kind": "blob",
                "digest": BLOB,
                "media_type": "application/vnd.oci.image.layer.v1.tar+gzip",
                "size": 3_145_728,
            }
        ],
        "freed": 3_145_728,
        "shared": 0,
    }
).model_dump(mode="json")
"""A plan that would be read: its token fits."""
_CONFLICT: Final[Object] = {
    "kind": "stopped container",
    "is_hard": False,
    "message": "container 4c01db0b339c is using its referenced image 5c1b2f9d3e0a",
    "container": "4c01db0b339c" + "0" * 52,
    "host": "web-1",
    "reference": None,
    "hold": None,
}
PROBLEM: Final[Object] = {
    "type": f"{PREFIX}/problems/image-in-use",
    "title": "The image cannot be deleted",
    "status": 409,
    "detail": "conflict: unable to delete app:1 (must be forced) - container 4c01db0b339c is using "
    "its referenced image 5c1b2f9d3e0a",
    "request_id": "6f1d8a0f3c5e4b0f9f5d6c7b8a9e0d1f",
    "conflicts": [_CONFLICT],
}
_OF_PLANS: Final[Mapping[str, Object]] = {
    "PlanDocument": PLAN,
    "ConflictEntry": _CONFLICT,
    "ReasonEntry": PLAN["images"][0]["reasons"][0],
    "UntaggedEntry": {"Untagged": "app:1"},
    "DeletedEntry": {"Deleted": APP},
}
"""Of the models that plans as documents are made of, which know nothing of this one."""


def add_examples(document: Object) -> None:
    """Give every JSON body, asked or answered, that has none an example."""
    schemas = document["components"]["schemas"]
    for name, example in _OF_PLANS.items():
        schemas[name]["examples"] = [example]
    for operations in document["paths"].values():
        for operation in operations.values():
            for body in (operation.get("requestBody", {}), *operation["responses"].values()):
                content = body.get("content", {}).get("application/json")
                if content and "example" not in content:
                    content["example"] = example_of(content["schema"], schemas)


def example_of(schema: Object, schemas: Mapping[str, Object]) -> Any:  # noqa: ANN401 - JSON
    """Find the example of a schema, or put one together from its parts."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].removeprefix(_DEFINITION)]
    if "examples" in schema:
        return schema["examples"][0]
    if "default" in schema:
        return schema["default"]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    return _example_of_type(schema, schemas)


def _example_of_type(schema: Object, schemas: Mapping[str, Object]) -> Any:  # noqa: ANN401 - JSON
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {name: example_of(one, schemas) for name, one in properties.items()}
        case "array":
            return [example_of(schema["items"], schemas)]
        case "string":
            return _BY_FORMAT[schema.get("format")]
        case other:
            return _BY_TYPE[other or "null"]
