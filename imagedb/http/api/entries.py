"""What our own API tells: one model for each thing, made of the core's records.

Moments are UTC, sizes bytes; the order of a list is that of the record's.
"""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from imagedb.plan_documents import DeletedEntry, UntaggedEntry

T = TypeVar("T")


def _text(value: object) -> str | None:
    """Write what has a text of its own: a platform."""
    return None if value is None else str(value)


PlatformName = Annotated[str, BeforeValidator(_text), Field(examples=["linux/arm64/v8"])]
ImageIDText = Annotated[
    str,
    Field(
        description="The digest of the image's target.",
        examples=["sha256:5c1b2f9d3e0a47788f6a4f1d2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e"],
    ),
]


DigestText = Annotated[
    str,
    Field(
        examples=["sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"],
    ),
]
Who = Annotated[str, Field(description="Who asked for it.", examples=["ops@example.com"])]
ClaimID = Annotated[
    str,
    Field(
        description="Of one claim of one worker.",
        examples=["0d1f6c7b8a9e4f0b9f5d6f1d8a0f3c5e"],
    ),
]


class Entry(BaseModel):
    """Made of a record, field by field."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Body(BaseModel):
    """What is asked: a field that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _written(value: object) -> object:
    """Refuse a number as a moment: what is meant, seconds or milliseconds, is anybody's guess."""
    if not isinstance(value, str):
        raise ValueError("expected a moment as RFC 3339 writes it")  # noqa: TRY004 - pydantic's way
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
"""Of a request."""


class Page(BaseModel, Generic[T]):
    """A part of a list, and where the next one begins."""

    items: tuple[T, ...]
    next: str | None = Field(
        description="Give it as `after` to be told what follows; null at the end.",
        examples=["web-1"],
    )


# ── places ────────────────────────────────────────────────────────────────────────────────────


class NamespaceEntry(Entry):
    """A store of images that see one another."""

    name: str = Field(examples=["default"])
    created: AwareDatetime


class HostEntry(Entry):
    """A machine whose containers are recorded."""

    name: str = Field(examples=["web-1"])
    namespace: str = Field(examples=["default"])
    platform: PlatformName | None
    containers: int = Field(examples=[12])
    running: int = Field(examples=[11])
    created: AwareDatetime
    seen: AwareDatetime | None = Field(description="Its last sign of life.")
    lease: int | None = Field(description="For how many seconds one holds.", examples=[300])
    stale_at: AwareDatetime | None = Field(description="When the lease runs out, or ran out.")
    is_stale: bool = Field(description="That moment is past, by the database's clock.")


# ── lineage ───────────────────────────────────────────────────────────────────────────────────


class RelativeEntry(Entry):
    """A parent or a child of an image."""

    id: ImageIDText
    names: tuple[str, ...] = Field(description="Familiar, in name order.", examples=[["base:1"]])
    shared_layers: int = Field(description="The most over the platforms.", examples=[4])
    platforms: tuple[PlatformName, ...] = Field(description="On which the relation holds.")
    is_dangling: bool = Field(description="No name points at it.")


class BaseAnswer(BaseModel):
    """The nearest image with a name that an image is built on."""

    base: RelativeEntry | None


class TreeEntry(Entry):
    """An image in the drawing; what is built on it follows, one level deeper."""

    level: int = Field(description="0 at a root.", examples=[1])
    id: ImageIDText
    names: tuple[str, ...] = Field(examples=[["app:1", "app:stable"]])
    platforms: tuple[PlatformName, ...] = Field(
        description="On which it is built on the one above; empty at a root."
    )
    created: AwareDatetime | None
    content_size: int = Field(examples=[31_457_280])
    containers: int = Field(description="That use it, mounts included.", examples=[2])
    is_repeated: bool = Field(description="It was drawn before, with all that is below it.")


class TreeAnswer(BaseModel):
    """Trees one after the other, in the order in which they are drawn."""

    nodes: tuple[TreeEntry, ...]


# ── deletes ───────────────────────────────────────────────────────────────────────────────────


class LeftImageEntry(Entry):
    """An image of a prune plan that is not as it was, and is left as it is."""

    id: ImageIDText
    differences: tuple[str, ...] = Field(examples=[["name app:1 is gone"]])


class AppliedAnswer(BaseModel):
    """What was done of a plan."""

    records: tuple[UntaggedEntry | DeletedEntry, ...] = Field(description="In order.")
    freed: int = Field(description="Bytes that the namespace stopped using.", examples=[31457280])
    left: tuple[LeftImageEntry, ...] = Field(description="Of a prune; a delete leaves nothing.")


class ReportAnswer(BaseModel):
    """What a report changed: numbers of containers."""

    created: int = Field(examples=[1])
    updated: int = Field(examples=[2])
    removed: int = Field(examples=[0])
    unlinked: int = Field(description="Whose image is not stored.", examples=[0])


# ── journal ───────────────────────────────────────────────────────────────────────────────────


class EventEntry(Entry):
    """Something that happened."""

    position: int = Field(description="Safe to follow: it never goes back.", examples=[4711])
    time: AwareDatetime
    namespace: str = Field(examples=["default"])
    host: str | None = Field(examples=["web-1"])
    type: str = Field(examples=["image"])
    action: str = Field(examples=["delete"])
    actor_id: str = Field(
        description="What it is about: an ID, or a name.",
        examples=["sha256:5c1b2f9d3e0a47788f6a4f1d2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e"],
    )
    name: str = Field(examples=["app:1"])
    attributes: dict[str, Any] = Field(
        description="What else is told of it, labels among it.", examples=[{"name": "app:1"}]
    )
    who: str = Field(description="Who caused it.", examples=["ops@example.com"])
    database_user: str = Field(examples=["imagedb"])
    request_id: str = Field(examples=["6f1d8a0f3c5e4b0f9f5d6c7b8a9e0d1f"])


class ReleaseEntry(Entry):
    """Content that no image of the namespace uses any more."""

    kind: str = Field(examples=["blob"])
    digest: DigestText
    media_type: str | None = Field(examples=["application/vnd.oci.image.layer.v1.tar+gzip"])
    size: int = Field(examples=[3_145_728])
    released: AwareDatetime
    claim: ClaimID | None = Field(description="Of the worker who has it, or had it last.")
    who: Who | None
    claimed: AwareDatetime | None
    until: AwareDatetime | None = Field(description="From then on others may claim it.")


class ClaimEntry(Entry):
    """Releases that one worker has claimed at once, the oldest first."""

    id: ClaimID = Field(description="Empty where there was nothing to claim.")
    until: AwareDatetime | None
    releases: tuple[ReleaseEntry, ...]


class LeftReleaseEntry(Entry):
    """A release that was to be done and was not."""

    kind: str = Field(description="Empty where nothing is known of it.", examples=["blob"])
    digest: DigestText
    why: str = Field(
        description="`withdrawn`, `claimed`, `given back`, or `never claimed`.",
        examples=["withdrawn"],
    )
    who: Who | None = Field(description="Who claimed it.")
    since: AwareDatetime | None


class FinishedClaimEntry(Entry):
    """What became of a claim's releases."""

    done: tuple[ReleaseEntry, ...]
    left: tuple[LeftReleaseEntry, ...]


class GivenBackAnswer(BaseModel):
    """The releases that a claim still held."""

    releases: tuple[ReleaseEntry, ...]
