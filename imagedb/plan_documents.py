"""Plans as documents: JSON that is printed, kept, read by people, and applied later.

A document says what was asked, the facts it rests on, what would come of it and why. Its token is
the digest of arguments and facts: what a delete compares with its own. Its checksum is the digest
of all that it says; a document that was edited no longer fits that.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from imagedb.digests import Digest
from imagedb.errors import InvalidPlanError

FORMAT: Final = 1
"""Raised when a document of this version would be misread by the one before."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContainerFact(_Model):
    """A container that uses the image, on whatever host."""

    id: str
    name: str
    host: str
    is_host_stale: bool
    state: str
    platform: str | None
    is_mount: bool
    """It mounts the image, from which it may have been created too."""
    created: AwareDatetime


class HoldFact(_Model):
    """An operator's protection."""

    number: int
    who: str
    reason: str
    held: AwareDatetime
    until: AwareDatetime | None


class ManifestFact(_Model):
    """A present manifest of kind image."""

    digest: str
    platform: str | None


class ParentFact(_Model):
    """A parent that was looked at."""

    id: str
    is_dangling: bool
    is_used: bool
    is_held: bool


class ContentFact(_Model):
    """Content that the namespace would stop using; the size is in bytes."""

    kind: Literal["blob", "config", "manifest", "index", "chain"]
    digest: str
    media_type: str | None
    size: int


class ImageFacts(_Model):
    """What is known of an image, in the order in which a delete looks at it."""

    id: str
    entered: AwareDatetime
    """When the image came into the namespace."""
    references: tuple[str, ...]
    """Canonical, in name order."""
    containers: tuple[ContainerFact, ...]
    """The oldest first."""
    holds: tuple[HoldFact, ...]
    """The oldest first."""
    manifests: tuple[ManifestFact, ...]
    """In index order."""
    parents: tuple[ParentFact, ...]
    """Nearest first, up to the first that something keeps."""


class ConflictEntry(_Model):
    """A reason that refuses; the first one's message is docker's line."""

    kind: Literal["hold", "running container", "stopped container", "several references"]
    is_hard: bool
    """Force does not lift it."""
    message: str
    container: str | None
    """The ID of the one that refuses."""
    host: str | None
    """That container's."""
    reference: str | None
    hold: int | None
    """The number of the one that refuses."""


class ReasonEntry(_Model):
    """Why something keeps the image or lets it go, and what would lift it."""

    kind: Literal["hold", "container", "mount", "reference", "parent"]
    subject: str
    keeps: bool
    why: str
    lift: str


class UntaggedEntry(_Model):
    """A name that would go, familiar."""

    Untagged: str


class DeletedEntry(_Model):
    """An image, or a manifest of one, that would go."""

    Deleted: str


class ImagePlan(_Model):
    """An image, and what would become of it."""

    facts: ImageFacts
    conflicts: tuple[ConflictEntry, ...]
    records: tuple[UntaggedEntry | DeletedEntry, ...]
    """What would come out, in order."""
    reasons: tuple[ReasonEntry, ...]


class DeleteArguments(_Model):
    """What a delete was asked with."""

    reference: str
    force: bool
    prune: bool
    platforms: tuple[str, ...]
    ignore_stale: bool


class LabelArgument(_Model):
    """A label that must be there, or must not; without a value any will do."""

    key: str
    value: str | None
    is_wanted: bool


class PruneArguments(_Model):
    """What a prune was asked with; moments are absolute."""

    dangling: bool
    until: tuple[AwareDatetime, ...]
    labels: tuple[LabelArgument, ...]
    references: tuple[str, ...]


class PlanDocument(_Model):
    """A delete of one image, or a prune of several, that can be applied while the facts hold."""

    format: Literal[1]
    operation: Literal["delete", "prune"]
    namespace: str
    actor: str
    """Who asked for the plan."""
    host: str | None
    """The host that asked: conflicts name others."""
    arguments: DeleteArguments | PruneArguments
    images: tuple[ImagePlan, ...]
    content: tuple[ContentFact, ...]
    """What the namespace would stop using, by kind and digest."""
    freed: int
    """Bytes of that."""
    shared: int
    """Bytes that the leaving images use too, and others go on using."""
    token: str
    """The digest of arguments and facts."""
    checksum: str
    """The digest of everything else, the token too."""

    def to_json(self) -> str:
        """Write the document, laid out for a reader."""
        return self.model_dump_json(indent=2, exclude_none=False) + "\n"

    @property
    def conflicts(self) -> tuple[ConflictEntry, ...]:
        """What refuses, of all images."""
        return tuple(conflict for image in self.images for conflict in image.conflicts)


def with_token(fields: Mapping[str, Any]) -> PlanDocument:
    """Make a document of all its fields but format, token and checksum."""
    empty = {"format": FORMAT, "token": "", "checksum": ""}
    document = PlanDocument.model_validate({**fields, **empty})
    document = document.model_copy(update={"token": _token(document)})
    return document.model_copy(update={"checksum": _checksum(document)})


def parse_plan(text: str | bytes) -> PlanDocument:
    """Read a document that `to_json` wrote.

    Raises:
        InvalidPlanError: it is no plan, of another format, or was edited.
    """
    try:
        document = PlanDocument.model_validate_json(text)
    except ValidationError as error:
        raise InvalidPlanError(_tell(error)) from None
    if (document.token, document.checksum) != (_token(document), _checksum(document)):
        raise InvalidPlanError("it does not fit its checksum: it was edited; make a new one")
    return document


def _token(document: PlanDocument) -> str:
    """The digest of arguments and facts, in one spelling."""
    dumped = document.model_dump(mode="json")
    said = {key: dumped[key] for key in ("format", "operation", "namespace", "host", "arguments")}
    said["images"] = [image["facts"] for image in dumped["images"]]
    said["content"] = dumped["content"]
    return _digest(said)


def _checksum(document: PlanDocument) -> str:
    """The digest of all but itself, in one spelling."""
    return _digest(document.model_dump(mode="json", exclude={"checksum"}))


def _digest(said: Mapping[str, Any]) -> str:
    return Digest.of(json.dumps(said, sort_keys=True, separators=(",", ":")).encode())


def _tell(error: ValidationError) -> str:
    """What is wrong, in one line: first of all another format, else the first fault."""
    faults = error.errors(include_url=False, include_context=False)
    for fault in faults:
        if fault["loc"] == ("format",) and fault["type"] == "literal_error":
            return f"its format is {fault['input']!r:.20}, this imagedb reads {FORMAT}"
    where = ".".join(str(part) for part in faults[0]["loc"])
    told = faults[0]["msg"]
    return f"{where}: {told}" if where else told
