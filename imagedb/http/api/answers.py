"""Answers of our own API: written in the handler's thread, so that no other request waits."""

from collections.abc import Mapping

from pydantic import BaseModel
from starlette.responses import Response


def answer(
    model: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a model, as JSON."""
    text = model.model_dump_json() + "\n"
    return Response(text, status, dict(headers or {}), media_type="application/json")


def nothing() -> Response:
    """Say that it is done, and that there is nothing to tell."""
    return Response(status_code=204)
