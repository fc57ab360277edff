"""Who asks our own API: of which namespace, from which host, under which request ID."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Header, Query

from imagedb.http.asking import Asked as OfService
from imagedb.http.asking import Asking

NamespaceHeader = Annotated[
    str | None,
    Header(
        alias="X-Imagedb-Namespace",
        description="The namespace; that of the service if neither this nor the query says.",
        examples=["default"],
    ),
]
NamespaceQuery = Annotated[
    str | None, Query(description="The namespace; goes before the header.", examples=["default"])
]
HostHeader = Annotated[
    str | None,
    Header(
        alias="X-Imagedb-Host",
        description="The host that asks; that of the service if not given.",
        examples=["web-1"],
    ),
]
RequestIDHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Names the request: sent again, it does nothing and is answered the same. "
        "`X-Request-Id` is given back and logged, and does not.",
        examples=["nightly-2026-01-31"],
    ),
]


async def _asking(
    asking: OfService,
    of: NamespaceHeader = None,
    namespace: NamespaceQuery = None,
    asking_host: HostHeader = None,  # noqa: ARG001 - it is read; here it stands for the document
) -> Asking:
    wanted = namespace or of
    if not wanted:
        return asking
    service = asking.service
    settings = replace(service.settings, namespace=wanted)
    return replace(asking, service=replace(service, settings=settings))


Asked = Annotated[Asking, Depends(_asking)]
"""The parameter of every handler that reads."""


async def _writing(
    asking: Asked,
    key: RequestIDHeader = None,  # noqa: ARG001 - the front reads it
) -> Asking:
    return asking


Writes = Annotated[Asking, Depends(_writing)]
"""The parameter of every handler that changes something."""
