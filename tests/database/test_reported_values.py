"""What of a container cannot be recorded is refused before the database sees it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from imagedb.database import Database
from imagedb.errors import InvalidInputError
from tests.builders.world import World
from tests.concurrency.hosts import as_reported, containers_of, report

ABSENT = "sha256:" + "f" * 64
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is what is refused


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": ""}, "its ID is ''"),
        ({"id": "a" * 129}, "its ID is"),
        ({"id": "a b"}, "its ID is 'a b'"),
        ({"name": "\N{SNOWMAN}" * 256}, r"its name has 256 characters \(limit: 255\)"),
        ({"state": "sleeping"}, "its state is 'sleeping', expected one of created, dead"),
        ({"created": NAIVE}, "a moment of it has no time zone"),
        ({"started": NAIVE}, "a moment of it has no time zone"),
        ({"finished": NAIVE}, "a moment of it has no time zone"),
    ],
)
def test_report_of_what_cannot_be_recorded_is_refused(
    database: Database, change: dict[str, Any], problem: str
) -> None:
    """The message says which container and why; the others are not recorded either."""
    good, bad = as_reported(ABSENT), replace(as_reported(ABSENT, id="b"), **change)

    with pytest.raises(InvalidInputError, match=f"^the report's container 2: {problem}"):
        report(World(database), good, bad)
    assert containers_of(database) == {}


def test_report_of_the_longest_id_and_name_is_recorded(database: Database) -> None:
    """The limits are what a row of an index holds."""
    longest = replace(as_reported(ABSENT, id="a" * 128), name="\N{SNOWMAN}" * 255)

    assert report(World(database), longest)["created"] == 1
