"""Plans on a terminal and in files."""

import contextlib
import os
import secrets
import stat
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from imagedb.cli.output import escape, say
from imagedb.cli.units import format_age, format_size

if TYPE_CHECKING:
    from imagedb.plan_documents import ContainerFact, ImagePlan, PlanDocument, ReasonEntry
    from imagedb.records import Record


def _parse_path(text: str) -> Path:
    if not text:
        raise typer.BadParameter("it is empty: give a file")
    return Path(text)


DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would happen, and why; change nothing.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        parser=_parse_path,
        help="Keep the plan as JSON, with --dry-run; `-` prints it instead.",
        show_default=False,
    ),
]
PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        parser=_parse_path,
        help="Do what a kept plan says, if it still fits.",
        show_default=False,
    ),
]
STDOUT: Final = Path("-")
_CONTAINERS: Final = frozenset({"container", "mount"})
_KEEPS: Final = "Keeps the image:"
_KEEPS_PARENT: Final = "Keeps a parent:"
_KEEPS_NOT: Final = "Does not keep it:"
_TITLES: Final = (_KEEPS, _KEEPS_PARENT, _KEEPS_NOT)
_WIDTH: Final = 100
"""Columns; longer reasons go on in the next line."""
_NAMES: Final = 3
"""Names of an image that head its plan."""
_SHOWN: Final = 20
"""Images of a prune that are listed one by one."""


def record_line(record: "Record") -> str:
    """Write what a delete did as docker does."""
    from imagedb.records import Deleted, Untagged

    match record:
        case Untagged(name):
            return f"Untagged: {escape(name)}"
        case Deleted(digest):
            return f"Deleted: {digest}"


def read_plan(path: Path, operation: str) -> "PlanDocument":
    """Read a plan that `--out` kept.

    Raises:
        InvalidPlanError: it is none, or one of the other command.
    """
    from imagedb.errors import InvalidPlanError
    from imagedb.plan_documents import parse_plan

    document = parse_plan(path.read_bytes())
    if document.operation != operation:
        other = {"delete": "rm", "prune": "prune"}[document.operation]
        raise InvalidPlanError(f"it is one of `imagedb image {other}`")
    return document


def keep_plan(document: "PlanDocument", path: Path) -> None:
    """Write a plan to a file, all of it or nothing; into what is no file, a pipe say, as it is.

    Raises:
        OSError: it cannot be written; names `path`.
    """
    try:
        old = _mode_of(path)
        if old is None or stat.S_ISREG(old):
            _replace(Path(os.path.realpath(path)), document.to_json(), old)
        else:
            path.write_text(document.to_json(), encoding="utf-8")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _mode_of(path: Path) -> int | None:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mode
    return None


def _replace(path: Path, text: str, mode: int | None) -> None:
    """Put a file where none is, or in the place of another, whose mode it gets."""
    new = path.with_name(f".imagedb-{secrets.token_hex(8)}")
    try:
        with new.open("x", encoding="utf-8") as file:
            file.write(text)
        if mode is not None:
            new.chmod(stat.S_IMODE(mode))
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise


def show_plan(document: "PlanDocument") -> None:
    """Print a plan for a reader."""
    say(*(_delete_lines(document) if document.operation == "delete" else _prune_lines(document)))


# ── a delete ──────────────────────────────────────────────────────────────────────────────────


def _delete_lines(document: "PlanDocument") -> Iterator[str]:
    [plan] = document.images
    yield f"Image {_described(plan)} in namespace {escape(document.namespace)}"
    for conflict in plan.conflicts[:1]:
        yield f"Would be refused: {escape(conflict.message)}"
    yield from (f"Would be {_record(record)}" for record in plan.records)
    yield from _reason_lines(plan)
    yield _bytes_line(document)


def _described(plan: "ImagePlan") -> str:
    from imagedb.digests import ImageID
    from imagedb.references import familiar

    names = [escape(familiar(name)) for name in plan.facts.references]
    if len(names) > _NAMES:
        names[_NAMES:] = [f"and {len(names) - _NAMES:,} more"]
    return f"{ImageID(plan.facts.id).short} ({', '.join(names) or '<none>'})"


def _reason_lines(plan: "ImagePlan") -> Iterator[str]:
    """All that was looked at, by why it matters; first what keeps the image."""
    uses = [one.subject for one in plan.reasons if one.kind in _CONTAINERS]  # in the facts' order
    ages = {use: _age(one) for use, one in zip(uses, plan.facts.containers, strict=True)}
    titled: dict[str, dict[str, list[ReasonEntry]]] = {title: {} for title in _TITLES}
    for reason in plan.reasons:
        why = f"{reason.why}; {reason.lift}" if reason.lift else reason.why
        titled[_title(reason)].setdefault(why, []).append(reason)
    for title, groups in titled.items():
        if groups:
            yield title
        for why, reasons in groups.items():
            yield from _wrapped(escape(why))
            yield from (f"    {_subject(reason, ages)}" for reason in reasons)


def _title(reason: "ReasonEntry") -> str:
    if not reason.keeps:
        return _KEEPS_NOT
    return _KEEPS_PARENT if reason.kind == "parent" else _KEEPS


def _wrapped(why: str) -> list[str]:
    return textwrap.wrap(
        why,
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="      ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _subject(reason: "ReasonEntry", ages: dict[str, str]) -> str:
    age = ages[reason.subject] if reason.kind in _CONTAINERS else None
    return f"{reason.kind} {escape(reason.subject)}" + (f", {age} old" if age else "")


def _age(container: "ContainerFact") -> str:
    return format_age(container.created, now=datetime.now(UTC)).removesuffix(" ago")


def _record(record: object) -> str:
    untagged = getattr(record, "Untagged", None)
    return f"untagged: {escape(untagged)}" if untagged else f"deleted: {record.Deleted}"  # type: ignore[attr-defined]  # of a RecordEntry


def _bytes_line(document: "PlanDocument") -> str:
    freed, shared = format_size(document.freed), format_size(document.shared)
    would = "Would free" if not document.conflicts else "Would free, if nothing refused,"
    return f"{would} {freed}; {shared} more is shared with other images and stays."


# ── a prune ───────────────────────────────────────────────────────────────────────────────────


def _prune_lines(document: "PlanDocument") -> Iterator[str]:
    records = [record for image in document.images for record in image.records]
    yield from (f"Would be {_record(record)}" for record in records[:_SHOWN])
    if len(records) > _SHOWN:
        yield f"... and {len(records) - _SHOWN:,} more (--out FILE keeps them all)"
    yield f"Images: {len(document.images):,}. {_bytes_line(document)}"
