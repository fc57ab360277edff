"""What `imagedb content` prints of releases and claims."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from imagedb.cli.listing import Listing, Row
from imagedb.cli.output import escape
from imagedb.cli.templates import parse_template
from imagedb.cli.units import format_age, format_size
from imagedb.times import format_utc

if TYPE_CHECKING:
    from imagedb.records import Claim, LeftRelease, Release

RELEASES: Final = Listing(
    headers={
        "Kind": "KIND",
        "Digest": "DIGEST",
        "MediaType": "MEDIA TYPE",
        "Size": "SIZE",
        "Bytes": "BYTES",
        "ReleasedSince": "RELEASED",
        "ReleasedAt": "RELEASED AT",
        "ClaimedBy": "CLAIMED BY",
        "Claim": "CLAIM",
        "Until": "UNTIL",
    },
    columns=("Kind", "Digest", "Size", "ReleasedSince", "ClaimedBy", "Until"),
    identity="Digest",
)
CLAIM_FIELDS: Final = ("ID", "Until", "Releases")
_WHAT_TO_DO: Final = {
    "withdrawn": "withdrawn: keep the bytes",
    "given back": "given back: claim it again",
    "never claimed": "the claim does not hold it",
}


def release_row(release: "Release", *, now: datetime) -> Row:
    """Write a release for a list."""
    return {
        "Kind": release.kind,
        "Digest": str(release.digest),
        "MediaType": release.media_type or "",
        "Size": format_size(release.size),
        "Bytes": release.size,
        "ReleasedSince": format_age(release.released, now=now),
        "ReleasedAt": format_utc(release.released),
        "ClaimedBy": release.who or "",
        "Claim": release.claim or "",
        "Until": _format_second(release.until),
    }


def claim_lines(claim: "Claim", format: str | None) -> Iterable[str]:  # noqa: A002 - the option's name
    """Write a claim: its ID, then a line for each release; nothing where it is empty.

    Raises:
        InvalidTemplateError: the format is outside the supported part, or names no field.
    """
    if format:
        template = parse_template("{{json .}}" if format == "json" else format, CLAIM_FIELDS)
        return [template.render(_claim_object(claim))]
    return [claim.id, *map(content_line, claim.releases)] if claim.id else []


def _claim_object(claim: "Claim") -> Row:
    releases = [
        {
            "Kind": release.kind,
            "Digest": str(release.digest),
            "MediaType": release.media_type or "",
            "Size": release.size,
            "Released": format_utc(release.released),
        }
        for release in claim.releases
    ]
    return {"ID": claim.id, "Until": _format_second(claim.until), "Releases": releases}


def content_line(release: "Release | LeftRelease") -> str:
    """Write what a worker reads: kind and digest."""
    return escape(f"{release.kind} {release.digest}")


def left_line(left: "LeftRelease") -> str:
    """Say why something was not done, and what to do about it."""
    subject = f"{left.kind} {left.digest}".strip()
    if left.why == "done":
        return escape(f"Error: {subject}: done by {left.who or 'another claim'}: delete the bytes")
    if left.who is None or left.since is None:
        return escape(f"Error: {subject}: {_WHAT_TO_DO[left.why]}")
    return escape(f"Error: {subject}: claimed by {left.who} since {_format_second(left.since)}")


def _format_second(moment: datetime | None) -> str:
    """Write a moment in UTC to the second; nothing if there is none."""
    return format_utc(moment.replace(microsecond=0)) if moment else ""
