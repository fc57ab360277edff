"""Images as rows and as docker's inspect."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from imagedb.cli.image_rows import history_row, image_rows, inspection
from imagedb.digests import DiffID, Digest, ImageID
from imagedb.platforms import Platform
from imagedb.records import (
    HistoryEntry,
    Hold,
    Image,
    ImageDetails,
    ImageSummary,
    ManifestKind,
    ManifestSummary,
)
from imagedb.references import parse_reference

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ID = ImageID("sha256:" + "ab" * 32)
DIGEST = Digest("sha256:" + "cd" * 32)
AMD64 = Platform("linux", "amd64")
ARM = Platform("linux", "arm", "v7")


def a_summary(*names: str) -> ImageSummary:
    """Make an image of three weeks with some names."""
    return ImageSummary(ID, names, (AMD64, ARM), NOW - timedelta(weeks=3), 5_577_286, 2)


def rows_of(image: ImageSummary, wanted: str | None = None) -> list[tuple[object, object]]:
    """Give the names in an image's rows."""
    rows = image_rows(
        image, wanted=parse_reference(wanted) if wanted else None, no_trunc=False, now=NOW
    )
    return [(row["Repository"], row["Tag"]) for row in rows]


@pytest.mark.parametrize(
    ("names", "wanted", "expected"),
    [
        pytest.param((), None, [("<none>", "<none>")], id="dangling"),
        pytest.param((), "app", [], id="dangling, others wanted"),
        pytest.param(("app:1", "app:2"), None, [("app", "1"), ("app", "2")], id="two tags"),
        pytest.param((f"app@{ID}",), None, [("app", "<none>")], id="a digest alone"),
        pytest.param(("app:1", f"app@{ID}"), None, [("app", "1")], id="tag and digest"),
        pytest.param(
            ("app:1", "r.io/x/app:1"),
            None,
            [("app", "1"), ("r.io/x/app", "1")],
            id="two repositories",
        ),
        pytest.param(
            ("app:1", "app:2", "base:1"), "app", [("app", "1"), ("app", "2")], id="by repository"
        ),
        pytest.param(("app:1", "app:2"), "app:2", [("app", "2")], id="by name"),
        pytest.param(("app:1",), "app:3", [], id="none wanted"),
    ],
)
def test_image_rows_one_for_each_name(
    names: tuple[str, ...], wanted: str | None, expected: list[tuple[str, str]]
) -> None:
    """A tag is a row; digests of a repository are one only where it has no tag."""
    assert expected == rows_of(a_summary(*names), wanted)


def test_image_row_has_docker_s_fields() -> None:
    """The digest is the image's ID, which is what its repository would pull."""
    (row,) = image_rows(a_summary("app:1"), wanted=None, no_trunc=False, now=NOW)

    assert row == {
        "Repository": "app",
        "Tag": "1",
        "Digest": ID,
        "ID": "abababababab",
        "CreatedSince": "3 weeks ago",
        "CreatedAt": row["CreatedAt"],
        "Size": "5.58MB",
        "Containers": "2",
        "Platforms": "linux/amd64,linux/arm/v7",
        "SharedSize": "N/A",
        "UniqueSize": "N/A",
    }


def test_image_row_without_date_and_whole_id() -> None:
    """An unknown date is not the year 1, and --no-trunc shows the algorithm."""
    image = replace(a_summary(), created=None)
    (row,) = image_rows(image, wanted=None, no_trunc=True, now=NOW)

    assert (row["ID"], row["CreatedSince"], row["CreatedAt"]) == (ID, "N/A", "N/A")


AN_ENTRY = HistoryEntry(
    created=NOW - timedelta(hours=3),
    created_by="RUN\tmake " + "x" * 60,
    comment="buildkit",
    is_empty_layer=False,
    diff_id=None,
    size=1_500,
)


def test_history_row_is_shortened() -> None:
    """As docker's: 45 characters with the ellipsis, tabs as spaces."""
    row = history_row(AN_ENTRY, human=True, no_trunc=False, now=NOW)

    assert row["CreatedBy"] == "RUN make " + "x" * 35 + "…"
    assert (row["ID"], row["CreatedSince"], row["Size"]) == ("<missing>", "3 hours ago", "1.5kB")


def test_history_row_for_programs() -> None:
    """Without --human moments and bytes are exact; the newest entry has the image's ID."""
    entry = replace(AN_ENTRY, image_id=ID)
    row = history_row(entry, human=False, no_trunc=True, now=NOW)

    assert row["CreatedBy"] == "RUN make " + "x" * 60
    assert (row["ID"], row["CreatedSince"], row["Size"]) == (ID, "2026-01-31T09:00:00Z", "1500")


def a_manifest(**fields: object) -> ManifestSummary:
    """Make a present manifest of linux/arm/v7."""
    defaults = {
        "digest": DIGEST,
        "media_type": "application/vnd.oci.image.manifest.v1+json",
        "size": 400,
        "kind": ManifestKind.IMAGE,
        "platform": ARM,
        "is_present": True,
        "chain_id": None,
        "diff_ids": (DiffID(DIGEST),),
        "content_size": 5000,
    }
    return ManifestSummary(**(defaults | fields))  # type: ignore[arg-type] # what a test gives


def some_details() -> ImageDetails:
    """Make the details of an index with a present manifest and an absent one."""
    image = Image(1, 1, ID, "application/vnd.oci.image.index.v1+json", 500, 5000, NOW, NOW)
    absent = a_manifest(digest=ID, platform=AMD64, is_present=False, content_size=9000)
    config = {
        "created": "2026-01-31T12:00:00Z",
        "os": "linux",
        "architecture": "arm",
        "variant": "v7",
        "config": {"Cmd": ["sh"]},
    }
    names = ("app:1", f"app@{ID}")
    return ImageDetails(image, names, (a_manifest(), absent), a_manifest(), config, {}, NOW)


def test_inspection_has_docker_s_shape() -> None:
    """Digest references are among the names; a repository has one digest, the image's."""
    shown = inspection(some_details(), as_manifest=False)

    manifests = shown.pop("Manifests")
    assert shown == {
        "Id": ID,
        "RepoTags": ["app:1", f"app@{ID}"],
        "RepoDigests": [f"app@{ID}"],
        "Created": "2026-01-31T12:00:00Z",
        "Architecture": "arm",
        "Variant": "v7",
        "Os": "linux",
        "Size": 5000,
        "RootFS": {"Type": "layers", "Layers": [DIGEST]},
        "Metadata": {"LastTagTime": "2026-01-31T12:00:00Z"},
        "Holds": [],
        "Descriptor": {
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": ID,
            "size": 500,
            "annotations": {"io.containerd.image.name": "docker.io/library/app:1"},
        },
        "Config": {"Cmd": ["sh"]},
    }
    assert isinstance(manifests, list)
    assert [(one["Available"], one["Size"]["Content"]) for one in manifests] == [
        (True, 5000),
        (False, 0),
    ]
    assert manifests[0]["ImageData"] == {
        "Platform": {"os": "linux", "architecture": "arm", "variant": "v7"},
        "Containers": None,
        "Size": {"Unpacked": 0},
    }


def test_inspection_tells_the_holds() -> None:
    """In numbers, words and moments."""
    until = NOW - timedelta(days=1)
    holds = (
        Hold(3, "ops", "audit", NOW, None, is_overdue=False),
        Hold(4, "dev", "demo", NOW, until, is_overdue=True),
    )

    shown = inspection(replace(some_details(), holds=holds), as_manifest=False)

    first = {"ID": 3, "Who": "ops", "Reason": "audit", "HeldAt": "2026-01-31T12:00:00Z"}
    second = {"ID": 4, "Who": "dev", "Reason": "demo", "HeldAt": "2026-01-31T12:00:00Z"}
    assert shown["Holds"] == [
        first | {"Until": None, "Overdue": False},
        second | {"Until": "2026-01-30T12:00:00Z", "Overdue": True},
    ]


def test_inspection_of_a_platform_is_of_its_manifest() -> None:
    """As moby: ID and descriptor are the manifest's, and the others are not shown."""
    shown = inspection(some_details(), as_manifest=True)

    assert shown["Id"] == DIGEST
    assert shown["Descriptor"] == {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": DIGEST,
        "size": 400,
        "annotations": {"io.containerd.image.name": "docker.io/library/app:1"},
    }
    assert "Manifests" not in shown


def test_inspection_without_anything_present() -> None:
    """An image that was never tagged and holds no platform still has docker's fields."""
    details = replace(some_details(), chosen=None, config={}, last_tagged=None, names=())
    shown = inspection(details, as_manifest=False)

    assert shown["Size"] == 0
    assert shown["RootFS"] == {"Type": "layers", "Layers": []}
    assert shown["Metadata"] == {"LastTagTime": "0001-01-01T00:00:00Z"}
    assert (shown["Os"], shown["Created"], shown["Config"], shown["RepoTags"]) == ("", None, {}, [])
