"""The application of our own API, mounted beside Docker's."""

from typing import Final

from fastapi import FastAPI

from imagedb import __version__
from imagedb.http.api import (
    events,
    holds,
    hosts,
    lineage,
    namespaces,
    plans,
    problems,
    releases,
)
from imagedb.http.api.document import RESPONSES, describe, name_of
from imagedb.http.refusing import add_handlers

DESCRIPTION: Final = """\
What Docker's API has no words for: plans, lineage, hosts, holds, releases and events by position.

A writing request that is sent again with the same `Idempotency-Key` does nothing and is answered
the same. Lists come in pages: give `next` as `after`. Errors are RFC 9457 problems.
"""


def create_api() -> FastAPI:
    """Make it; whoever mounts it gives it a service (`state.service`)."""
    api = FastAPI(
        title="imagedb",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses=RESPONSES,
        generate_unique_id_function=name_of,
    )
    for part in (plans, lineage, hosts, holds, releases, events, namespaces, problems):
        api.include_router(part.router)
    add_handlers(api)
    describe(api)
    return api
