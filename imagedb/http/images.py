"""Images: list, inspect, history, tag, remove.

Source: moby, daemon/server/router/image/image_routes.go.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.responses import Response

from imagedb.containers import uses_of
from imagedb.deletion import delete_image
from imagedb.docker_json.images import (
    details_object,
    history_objects,
    manifest_objects,
    summary_object,
)
from imagedb.errors import InvalidInputError, InvalidReferenceError
from imagedb.filters import parse_prune_filters
from imagedb.hosts import find_host_platform
from imagedb.http.answers import JSON
from imagedb.http.asking import Asked, Asking
from imagedb.http.parameters import (
    is_true,
    parse_filters,
    parse_platform_object,
    parse_platform_objects,
)
from imagedb.inspection import get_history, inspect_image, manifest_summaries_of
from imagedb.listing import list_filtered, parse_image_filter
from imagedb.moments import parse_moment
from imagedb.records import Deleted, ListedImage, Record
from imagedb.references import parse_reference
from imagedb.tags import tag_image

router: Final = APIRouter()
Flag = Annotated[str | None, Query()]
MANIFESTS_SINCE: Final = (1, 47)
DESCRIPTOR_SINCE: Final = (1, 48)
PLATFORMS_SINCE: Final = (1, 50)
CONTAINERS_SINCE: Final = (1, 51)
VIRTUAL_SIZE_UNTIL: Final = (1, 44)
NO_NAMES_UNTIL: Final = (1, 43)


# ── list ──────────────────────────────────────────────────────────────────────────────────────


@router.get("/images/json")
def list_images(
    asking: Asked, filters: Flag = None, manifests: Flag = None, identity: Flag = None
) -> Response:
    """List the images of the namespace; no image is ever hidden, so that `all` changes nothing."""
    if is_true(identity) and not is_true(manifests):
        raise InvalidInputError("conflicting options: identity requires manifests=1")
    wanted = parse_image_filter(parse_filters(filters), _moment_reader())
    with asking.reading() as (connection, namespace):
        platform = find_host_platform(connection, asking.caller.host)
        listed = list(list_filtered(connection, namespace, wanted, platform=platform))
        rows = [summary_object(one) for one in listed]
        if is_true(manifests) and asking.version >= MANIFESTS_SINCE:
            _add_manifests(connection, listed, rows)
    return JSON([_as_of(row, asking) for row in rows])


def _moment_reader() -> Callable[[str], datetime]:
    now = datetime.now(UTC)
    return lambda text: parse_moment(text, now=now)


def _add_manifests(
    connection: Connection, listed: Sequence[ListedImage], rows: Sequence[dict[str, object]]
) -> None:
    keys = [one.image.key for one in listed]
    summaries = manifest_summaries_of(connection, keys)
    uses = uses_of(connection, keys)
    for key, row in zip(keys, rows, strict=True):
        row["Manifests"] = manifest_objects(summaries.get(key, ()), uses[key])


def _as_of(row: dict[str, object], asking: Asking) -> dict[str, object]:
    """Let a row be what it was in the version that the client speaks."""
    version = asking.version
    if version < DESCRIPTOR_SINCE:
        del row["Descriptor"]
    if version < CONTAINERS_SINCE:
        row["Containers"] = -1
    if version < VIRTUAL_SIZE_UNTIL:
        row["VirtualSize"] = row["Size"]
    if version < NO_NAMES_UNTIL and not row["RepoTags"] and not row["RepoDigests"]:
        row |= {"RepoTags": ["<none>:<none>"], "RepoDigests": ["<none>@<none>"]}
    return row


# ── one image ─────────────────────────────────────────────────────────────────────────────────


@router.get("/images/{name:path}/json")
def inspect(asking: Asked, name: str, manifests: Flag = None, platform: Flag = None) -> Response:
    """Tell all that is known of an image."""
    if is_true(manifests) and platform:
        raise InvalidInputError(
            "conflicting options: manifests and platform options cannot both be set"
        )
    wanted = parse_platform_object(platform) if platform else None
    with asking.reading() as (connection, namespace):
        host = asking.caller.host
        details = inspect_image(connection, namespace, name, platform=wanted, host=host)
        uses = uses_of(connection, [details.image.key])[details.image.key]
    shown = details_object(details, as_manifest=wanted is not None)
    if is_true(manifests):
        shown["Manifests"] = manifest_objects(details.manifests, uses)
    return JSON(shown)


@router.get("/images/{name:path}/history")
def history(asking: Asked, name: str, platform: Flag = None) -> Response:
    """Tell how an image was built, the newest step first."""
    wanted = parse_platform_object(platform) if platform else None
    with asking.reading() as (connection, namespace):
        host = asking.caller.host
        entries = get_history(connection, namespace, name, platform=wanted, host=host)
    return JSON(history_objects(entries))


@router.post("/images/{name:path}/tag")
def tag(asking: Asked, name: str, repo: Flag = None, tag: Flag = None) -> Response:
    """Name an image; without a repository nothing happens, as on an engine."""
    target = parse_target(repo or "", tag or "")
    if target is None:
        return Response(status_code=200)
    asking.perform(tag_image, name, target)
    return Response(status_code=201)


def parse_target(repository: str, tag: str) -> str | None:
    """Put a repository and a tag together; the tag is the stronger one. None without either.

    Raises:
        InvalidReferenceError: they make no name.

    Source: moby, daemon/server/httputils/form.go, `RepoTagReference`.
    """
    if not repository:
        return None
    reference = parse_reference(repository)
    if reference.digest:
        raise InvalidReferenceError(repository, "cannot import digest reference")
    if not tag:
        return str(reference)
    try:
        return str(parse_reference(f"{reference.repository}:{tag}"))
    except InvalidReferenceError:
        raise InvalidReferenceError(f"{repository}:{tag}", "invalid tag format") from None


# ── removing ──────────────────────────────────────────────────────────────────────────────────


@router.post("/images/prune")
def prune(asking: Asked, filters: Flag = None) -> Response:
    """Remove the images that nobody needs; only those without a name, unless told otherwise."""
    wanted = parse_prune_filters(parse_filters(filters), _moment_reader())
    batches = asking.prune(wanted)
    records = [record for batch in batches for record in batch.records]
    freed = sum(batch.freed for batch in batches)
    return JSON({"ImagesDeleted": record_objects(records) or None, "SpaceReclaimed": freed})


@router.delete("/images/{name:path}")
def delete(
    asking: Asked,
    name: str,
    force: Flag = None,
    noprune: Flag = None,
    platforms: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Remove names and images; a refusal changes nothing."""
    wanted = platforms if platforms and asking.version >= PLATFORMS_SINCE else ()
    records = asking.perform(
        delete_image,
        name,
        force=is_true(force),
        prune=not is_true(noprune),
        platforms=parse_platform_objects(wanted),
    )
    return JSON(record_objects(records))


def record_objects(records: Sequence[Record]) -> list[dict[str, str]]:
    """Lay out what a delete did."""
    return [
        {"Deleted": record.digest} if isinstance(record, Deleted) else {"Untagged": record.name}
        for record in records
    ]
