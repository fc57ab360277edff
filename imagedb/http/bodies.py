"""Bodies of requests: read whole before a handler begins, and so before any transaction does.

How large they may be is seen to before (`guard`).
"""

import json
import tempfile
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO

from anyio.to_thread import run_sync
from fastapi import Depends, Request

from imagedb.errors import InvalidInputError
from imagedb.sources import limits


async def _spooled(request: Request) -> AsyncIterator[BinaryIO]:
    """Copy the body to a temporary file that nothing survives."""
    with tempfile.TemporaryFile(prefix="imagedb-") as file:
        waiting = bytearray()
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= limits.CHUNK_BYTES:
                await run_sync(file.write, bytes(waiting))
                waiting.clear()
        await run_sync(file.write, bytes(waiting))
        file.seek(0)
        yield file


async def _raw(request: Request) -> bytes:
    return await request.body()


Raw = Annotated[bytes, Depends(_raw)]
"""A document that the handler reads: a large one would hold up everybody before."""


def _json_object(body: Raw) -> dict[str, Any]:
    """Read a JSON object; an empty body is an empty object."""
    try:
        parsed = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise InvalidInputError("invalid JSON: the request's body cannot be read") from None
    if not isinstance(parsed, dict):
        raise InvalidInputError("invalid JSON: the request's body is not an object")
    return parsed


Spool = Annotated[BinaryIO, Depends(_spooled)]
JSONObject = Annotated[dict[str, Any], Depends(_json_object)]
