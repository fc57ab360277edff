"""What has changed since a plan was made, in words."""

from datetime import timedelta
from typing import Any

import pytest

from imagedb.digests import ImageID
from imagedb.plan_differences import find_content_differences, find_differences
from imagedb.plan_documents import ContentFact, ImageFacts
from tests.unit.deciding import BIRTH
from tests.unit.planned import BLOB, CONTAINER, FACTS, HOLD, ID, PARENT

BEFORE = ImageFacts.model_validate(FACTS)
WEB = "container c0c0c0c0c0c0 (web) on host web-1"


def differences(**changes: Any) -> list[str]:  # noqa: ANN401 - fields of every kind
    """What is told if these facts are others now."""
    return list(find_differences(BEFORE, ImageFacts.model_validate(FACTS | changes)))


def a_container(**changes: Any) -> dict[str, list[dict[str, Any]]]:  # noqa: ANN401 - the same
    """The one container, changed."""
    return {"containers": [CONTAINER | changes]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"entered": BIRTH + timedelta(1)}, ["the image was deleted and stored again"]),
        ({"references": []}, ["name app:1 is gone"]),
        ({"references": [*FACTS["references"], "quay.io/a:2"]}, ["name quay.io/a:2 is new"]),
        ({"references": ["x.io/a:1"]}, ["name app:1 is gone", "name x.io/a:1 is new"]),
        ({"containers": []}, [f"{WEB} is gone"]),
        (a_container(id="d0" * 32), [f"{WEB} is gone", f"{WEB.replace('c0', 'd0')} is new"]),
        (a_container(state="running"), [f"{WEB}: state was exited, is running"]),
        (a_container(is_host_stale=True), [f"{WEB} is on a stale host now"]),
        (a_container(is_mount=True), [f"{WEB} is mounting the image now"]),
        (a_container(name="db"), [f"{WEB}: name was web, is db"]),
        (a_container(platform=None), [f"{WEB}: platform was linux/amd64, is not known"]),
        (
            a_container(created=BIRTH + timedelta(1)),
            [f"{WEB}: created was 2024-01-01T00:00:00Z, is 2024-01-02T00:00:00Z"],
        ),
        ({"holds": []}, ["hold 7 by ops is gone"]),
        ({"holds": [HOLD, HOLD | {"number": 8, "who": "qa"}]}, ["hold 8 by qa is new"]),
        ({"holds": [HOLD | {"reason": "fun"}]}, ["hold 7 by ops: reason was audit, is fun"]),
        ({"manifests": []}, ["platform linux/arm64/v8 is gone"]),
        ({"parents": []}, [f"parent {PARENT.short} is gone"]),
        (
            {"parents": [{"id": PARENT, "is_dangling": False, "is_used": True, "is_held": True}]},
            [
                f"parent {PARENT.short} is not dangling any more",
                f"parent {PARENT.short} is used by a container now",
                f"parent {PARENT.short} is held now",
            ],
        ),
        (
            {"id": ImageID.of(b"another"), "references": []},
            [f"it names image {ImageID.of(b'another').short} now, not {ID.short}"],
        ),
    ],
)
def test_difference_is_told_in_words(changes: dict[str, Any], expected: list[str]) -> None:
    """Each fact that came, went or changed, in a line of its own."""
    assert differences(**changes) == expected


def test_order_alone_is_no_difference_of_a_fact() -> None:
    """Whoever compares documents has to say that."""
    other = CONTAINER | {"id": "d0" * 32}
    before = ImageFacts.model_validate(FACTS | {"containers": [CONTAINER, other]})
    now = ImageFacts.model_validate(FACTS | {"containers": [other, CONTAINER]})

    assert before != now
    assert list(find_differences(before, now)) == []


def test_content_differs_in_what_would_be_freed() -> None:
    """What stays now, and what goes too."""
    blob = ContentFact(kind="blob", digest=BLOB, media_type=None, size=1)
    config = ContentFact(kind="config", digest=PARENT, media_type=None, size=1)

    assert list(find_content_differences([blob], [config])) == [
        f"blob {BLOB} would not be freed any more",
        f"config {PARENT} would be freed too",
    ]
    assert list(find_content_differences([blob], [blob])) == []
