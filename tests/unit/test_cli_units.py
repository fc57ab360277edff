"""Sizes and durations in docker's words."""

from datetime import UTC, datetime, timedelta

import pytest

from imagedb.cli.units import format_age, format_size
from imagedb.docker_json.durations import format_duration

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0B"),
        (1, "1B"),
        (999, "999B"),
        (1000, "1kB"),
        (13_256, "13.3kB"),
        (999_499, "999kB"),
        (999_999, "1MB"),
        (5_577_286, "5.58MB"),
        (187_000_000, "187MB"),
        (1_080_000_000, "1.08GB"),
        (2 * 10**21, "2000EB"),
    ],
)
def test_format_size_rounds_to_three_digits(count: int, expected: str) -> None:
    """A size has three significant digits and the unit of its power of 1,000."""
    assert expected == format_size(count)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(milliseconds=999), "Less than a second"),
        (timedelta(seconds=-5), "Less than a second"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=59), "59 seconds"),
        (timedelta(seconds=60), "About a minute"),
        (timedelta(seconds=119), "About a minute"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(minutes=60), "About an hour"),
        (timedelta(minutes=89), "About an hour"),
        (timedelta(minutes=90), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=13), "13 days"),
        (timedelta(days=14), "2 weeks"),
        (timedelta(days=59), "8 weeks"),
        (timedelta(days=60), "2 months"),
        (timedelta(days=729), "24 months"),
        (timedelta(days=730), "2 years"),
        (timedelta(days=3650), "10 years"),
    ],
)
def test_format_duration_at_each_border(duration: timedelta, expected: str) -> None:
    """Each unit takes over where go-units lets it."""
    assert expected == format_duration(duration)


def test_format_age_without_a_moment_is_unknown() -> None:
    """What has no time is not of the year 1."""
    assert format_age(None, now=NOW) == "N/A"
    assert format_age(NOW - timedelta(weeks=3), now=NOW) == "3 weeks ago"
