"""Bodies of requests: read whole before a handler begins, and so before any transaction does."""

import json
import tempfile
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO, Final

from anyio.to_thread import run_sync
from fastapi import Depends, Request

from imagedb.errors import InvalidInputError
from imagedb.http.asking import Service
from imagedb.http.errors import RefusedError
from imagedb.sources import limits

_TOO_LARGE: Final = 413


async def _spooled(request: Request) -> AsyncIterator[BinaryIO]:
    """Copy the body to a temporary file that nothing survives."""
    with tempfile.TemporaryFile(prefix="imagedb-") as file:
        total, waiting = 0, bytearray()
        async for chunk in request.stream():
            waiting += chunk
            total += len(chunk)
            if total > limits.UNPACKED_BYTES:
                raise RefusedError(_TOO_LARGE, "the archive has too many bytes")
            if len(waiting) >= limits.CHUNK_BYTES:
                await run_sync(file.write, bytes(waiting))
                waiting.clear()
        await run_sync(file.write, bytes(waiting))
        file.seek(0)
        yield file


async def _json_object(request: Request) -> dict[str, Any]:
    """Read a JSON object; an empty body is an empty object."""
    service: Service = request.app.state.service
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > service.settings.max_json_bytes:
            raise RefusedError(_TOO_LARGE, "the request's body has too many bytes")
    try:
        parsed = json.loads(bytes(body) or b"{}")
    except (ValueError, RecursionError):
        raise InvalidInputError("invalid JSON: the request's body cannot be read") from None
    if not isinstance(parsed, dict):
        raise InvalidInputError("invalid JSON: the request's body is not an object")
    return parsed


Spool = Annotated[BinaryIO, Depends(_spooled)]
JSONObject = Annotated[dict[str, Any], Depends(_json_object)]
