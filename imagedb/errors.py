"""Everything that can go wrong, as one tree.

::

    ImageDBError
    ├── InvalidInputError              what was given cannot be right
    │   ├── InvalidDigestError
    │   ├── InvalidReferenceError
    │   ├── InvalidPlatformError
    │   ├── InvalidTemplateError
    │   ├── InvalidReportError         a host's report of its containers
    │   ├── InvalidSourceError         an archive or layout that cannot be read
    │   │   └── LimitExceededError     it is larger than we are willing to read
    │   ├── InvalidPlanError           a document that is no plan, or was edited
    │   └── InvalidDatabaseURLError
    ├── NotFoundError                  it is not there
    │   ├── ImageNotFoundError
    │   │   └── AmbiguousReferenceError
    │   ├── PlatformNotFoundError
    │   ├── ContainerNotFoundError
    │   │   └── AmbiguousContainerError
    │   ├── HostNotFoundError
    │   ├── ClaimNotFoundError
    │   ├── EventsGoneError
    │   ├── HoldNotFoundError
    │   └── NamespaceNotFoundError
    ├── ConflictError                  what is there forbids it
    │   ├── ImageInUseError            carries every reason as data
    │   ├── PlanChangedError           carries every difference
    │   ├── ContainerStateError
    │   ├── AmbiguousHoldError         carries the holds as data
    │   ├── AlreadyExistsError
    │   └── NamespaceNotEmptyError
    ├── BusyError                      somebody else holds it, or it is away; try again
    ├── OutcomeUnknownError            the connection went away during COMMIT
    ├── SchemaMismatchError            the database is of another revision
    ├── InconsistentDatabaseError      `db check` found a broken promise
    └── DatabaseError                  anything else the database said

Leaves carry attributes; the message is made of them and says what to do.
Surfaces map classes to exit codes and statuses in one table each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagedb.records import Conflict, Hold


class ImageDBError(Exception):
    """Anything this package raises on purpose."""


class InvalidInputError(ImageDBError):
    """What was given cannot be right, whatever the database holds."""


class InvalidDigestError(InvalidInputError):
    """A digest that no algorithm we know could have made."""


class InvalidReferenceError(InvalidInputError):
    """A reference that does not parse; the text is distribution's."""

    def __init__(self, reference: str, problem: str) -> None:
        super().__init__(problem)
        self.reference = reference


class InvalidPlatformError(InvalidInputError):
    """A platform that is not `os/architecture[/variant]`."""


class InvalidTemplateError(InvalidInputError):
    """A `--format` that is outside the supported subset of docker's templates."""


class InvalidReportError(InvalidInputError):
    """A report of containers that is not `docker inspect` JSON."""


class InvalidSourceError(InvalidInputError):
    """An archive or image layout that cannot be imported."""

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = source
        self.problem = problem


class LimitExceededError(InvalidSourceError):
    """A source that goes beyond one of the named limits."""

    def __init__(self, source: str, problem: str, *, limit: int) -> None:
        super().__init__(source, f"{problem} (limit: {limit:,})")
        self.limit = limit


class InvalidPlanError(InvalidInputError):
    """A document that is not a plan as imagedb wrote it."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"invalid plan: {problem}")


class InvalidDatabaseURLError(InvalidInputError):
    """A database URL that is neither SQLite nor PostgreSQL."""


class NotFoundError(ImageDBError):
    """What was asked for is not there."""


class ImageNotFoundError(NotFoundError):
    """No image answers to this reference."""

    def __init__(self, reference: str, message: str | None = None) -> None:
        super().__init__(message or f"No such image: {reference}")
        self.reference = reference


class AmbiguousReferenceError(ImageNotFoundError):
    """An ID prefix that several images share; `candidates` are their IDs."""

    def __init__(self, reference: str, candidates: Sequence[str]) -> None:
        super().__init__(reference, "ambiguous reference")
        self.candidates = tuple(candidates)


class PlatformNotFoundError(NotFoundError):
    """The image does not hold the platform."""


class ContainerNotFoundError(NotFoundError):
    """No container answers to this name or ID."""

    def __init__(self, container: str, message: str | None = None) -> None:
        super().__init__(message or f"No such container: {container}")
        self.container = container


class AmbiguousContainerError(ContainerNotFoundError):
    """A name or ID prefix that several containers share; `candidates` describe them."""

    def __init__(self, container: str, candidates: Sequence[str]) -> None:
        super().__init__(
            container,
            f"{container} matches several containers: {', '.join(candidates)}; "
            "give more digits, or --host-name",
        )
        self.candidates = tuple(candidates)


class HostNotFoundError(NotFoundError):
    """No host has this name."""

    def __init__(self, host: str) -> None:
        super().__init__(f"No such host: {host}")
        self.host = host


class ClaimNotFoundError(NotFoundError):
    """The namespace knows no claim of this ID."""

    def __init__(self, claim: str) -> None:
        super().__init__(f"No such claim: {claim} (`imagedb content ls` shows those there are)")
        self.claim = claim


class EventsGoneError(NotFoundError):
    """Events behind this position were removed; up to `cut` none can be counted on."""

    def __init__(self, after: int, cut: int) -> None:
        super().__init__(
            f"cannot go on after position {after}: events up to position {cut} were removed; "
            f"look at what there is now, and go on after {cut}",
        )
        self.after = after
        self.cut = cut


class HoldNotFoundError(NotFoundError):
    """The image has no hold, or none of this number."""

    def __init__(self, reference: str, number: int | None = None) -> None:
        which = "" if number is None else f" {number}"
        super().__init__(f"No such hold{which} on image {reference} (see `imagedb hold ls`)")
        self.reference = reference
        self.number = number


class NamespaceNotFoundError(NotFoundError):
    """No namespace has this name; `near` are the names that look like it."""

    def __init__(self, namespace: str, near: Sequence[str] = ()) -> None:
        hint = f"did you mean {', '.join(near)}?" if near else "see `imagedb namespace ls`"
        super().__init__(f"No such namespace: {namespace} ({hint})")
        self.namespace = namespace
        self.near = tuple(near)


class ConflictError(ImageDBError):
    """What is there forbids what was asked."""


class ImageInUseError(ConflictError):
    """The image cannot be deleted; `conflicts` lists every reason, the first gives the message."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__(str(conflicts[0]))
        self.conflicts = tuple(conflicts)


class PlanChangedError(ConflictError):
    """What a plan rests on is not as it was; `differences` tells how, and nothing was done."""

    def __init__(self, differences: Sequence[str]) -> None:
        count = len(differences)
        super().__init__(
            f"the plan does not fit any more ({count} difference{'s' * (count != 1)}); "
            "nothing was done, make a new one",
        )
        self.differences = tuple(differences)


class ContainerStateError(ConflictError):
    """The container's state does not allow the change."""


class AmbiguousHoldError(ConflictError):
    """The image has several `holds`, and it was not said which of them is meant."""

    def __init__(self, reference: str, holds: Sequence[Hold]) -> None:
        super().__init__(
            f"image {reference} has {len(holds)} holds: say which to lift with --id, or --all",
        )
        self.reference = reference
        self.holds = tuple(holds)


class AlreadyExistsError(ConflictError):
    """The name is taken."""


class NamespaceNotEmptyError(ConflictError):
    """The namespace still holds images, containers or hosts."""


class BusyError(ImageDBError):
    """Others hold what this needs, or the server is away; nothing was changed, try again."""


class OutcomeUnknownError(ImageDBError):
    """The connection was lost during COMMIT and the outcome could not be found out."""

    def __init__(self, request_id: str = "") -> None:
        lost = "the connection was lost while committing"
        super().__init__(
            f"{lost} request {request_id} and its outcome is unknown; repeat it with "
            f"IMAGEDB_REQUEST_ID={request_id}: it happens at most once"
            if request_id
            else f"{lost} and its outcome is unknown: look, and do it again if it was not done"
        )
        self.request_id = request_id
        """Empty where no answer is kept: what is done then may be done twice."""


class SchemaMismatchError(ImageDBError):
    """The database is of another revision than this imagedb."""


class InconsistentDatabaseError(ImageDBError):
    """The database breaks one of its own promises; `problems` lists how."""

    def __init__(self, problems: Sequence[str]) -> None:
        count = len(problems)
        super().__init__(
            f"the database is inconsistent ({count} problem{'s' * (count != 1)} found)"
        )
        self.problems = tuple(problems)


class DatabaseError(ImageDBError):
    """The database refused, and none of the other classes says why."""
