"""`POST /images/load` and `POST /images/create?fromSrc=-`: archives become images.

The body is on disk before anything is read from it, and everything is read before anything is
written. The answer is JSON lines; what goes wrong once they have begun is told as the last one.

Source: moby, daemon/server/router/image/image_routes.go, `postImagesLoad`, `postImagesCreate`;
docker/cli, internal/jsonstream.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from imagedb.digests import Digest
from imagedb.errors import ImageDBError
from imagedb.http.answers import to_json_line
from imagedb.http.asking import Asked
from imagedb.http.bodies import Spool
from imagedb.http.errors import OutsideError, told
from imagedb.http.images import Flag, parse_target
from imagedb.http.parameters import is_true, parse_platform_text
from imagedb.importing import import_images
from imagedb.platforms import LINUX_AMD64
from imagedb.records import ImportedImage
from imagedb.references import parse_new_name
from imagedb.sources import RootFilesystem, read_root_filesystem, read_stream

router: Final = APIRouter()
LOADS: Final = 2
"""Loads at work at once: with the threads of requests no more than a pool's connections."""
_turns: Final = threading.BoundedSemaphore(LOADS)
Line = dict[str, Any]
Tell = Callable[[Line], None]


@router.post("/images/load")
def load(asking: Asked, body: Spool, quiet: Flag = None) -> Response:
    """Store what an archive holds; layers are verified, not kept."""

    def run(tell: Tell) -> None:
        progress = None if is_true(quiet) else _Bars(tell)
        images = read_stream(body, label="the archive", progress=progress)
        for stored in asking.perform(import_images, images):
            for line in _loaded(stored):
                tell(line)

    return _streamed(run)


def _loaded(image: ImportedImage) -> Iterator[Line]:
    """Say what came in, in docker's words."""
    for name in image.names:
        yield {"stream": f"Loaded image: {name}\n"}
    if not image.names:
        yield {"stream": f"Loaded image ID: {image.id}\n"}


@router.post("/images/create")
def create(
    asking: Asked,
    body: Spool,
    fromSrc: Flag = None,  # noqa: N803 - docker's word
    repo: Flag = None,
    tag: Flag = None,
    message: Flag = None,
    platform: Flag = None,
    changes: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Make an image of one layer from a root filesystem; pulling is for engines."""
    if fromSrc != "-":
        raise OutsideError("pull images" if not fromSrc else "fetch what is to be imported")
    if changes:
        raise OutsideError("change the configuration of what is imported")
    target = parse_target(repo or "", tag or "")
    described = RootFilesystem(
        platform=parse_platform_text(platform) or LINUX_AMD64,
        comment=message or "Imported from -",
        names=(parse_new_name(target),) if target else (),
    )

    def run(tell: Tell) -> None:
        image = read_root_filesystem(body, described, label="the archive")
        asking.perform(import_images, (image,), action="import")
        tell({"status": image.id})

    return _streamed(run)


# ── lines while something is done ─────────────────────────────────────────────────────────────


def _streamed(run: Callable[[Tell], None]) -> StreamingResponse:
    return StreamingResponse(_lines(run), media_type="application/json")


async def _lines(run: Callable[[Tell], None]) -> AsyncIterator[bytes]:
    """Do something in a thread of its own, and give on what it tells; no request's thread waits."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[Line | None] = asyncio.Queue()

    def put(line: Line | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody listens
            loop.call_soon_threadsafe(lines.put_nowait, line)

    threading.Thread(target=_work, args=[run, put], name="imagedb-load").start()
    while (line := await lines.get()) is not None:
        yield to_json_line(line)


def _work(run: Callable[[Tell], None], put: Callable[[Line | None], None]) -> None:
    """Do it when it is its turn; the last line is None."""
    try:
        with _turns:
            run(put)
    except ImageDBError as error:
        put(_error_line(str(error)))
    except Exception as error:
        put(_error_line(told(error)))
        raise
    finally:
        put(None)


def _error_line(message: str) -> Line:
    return {"errorDetail": {"message": message}, "error": message}


class _Bars:
    """Progress as docker's bars: one for receiving, one for each layer that was verified."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def started(self, phase: str, total: int | None) -> None:
        """Say what begins."""

    def advanced(self, count: int) -> None:
        """Say nothing: a layer is told when it is done."""

    def layer(self, digest: Digest, done: int, total: int) -> None:
        """Say that a layer is verified."""
        detail = {"current": done, "total": total}
        self._tell({"status": "Verified layer", "progressDetail": detail, "id": digest.short})
