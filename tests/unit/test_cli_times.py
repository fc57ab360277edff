"""Moments as users type them and as docker prints them."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from imagedb.cli.times import format_local, format_moment
from imagedb.errors import InvalidInputError
from imagedb.moments import parse_age, parse_duration, parse_end, parse_moment, parse_range
from imagedb.times import format_utc

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_kolkata(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is neither UTC nor whole hours away from it."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("10m", NOW - timedelta(minutes=10), id="minutes"),
        pytest.param("1h30m", NOW - timedelta(minutes=90), id="two units"),
        pytest.param("1.5h", NOW - timedelta(minutes=90), id="fraction"),
        pytest.param("-10s", NOW + timedelta(seconds=10), id="negative"),
        pytest.param("250ms", NOW - timedelta(milliseconds=250), id="milliseconds"),
        pytest.param("0", datetime(1970, 1, 1, tzinfo=UTC), id="zero seconds"),
        pytest.param("1769860800", NOW, id="seconds"),
        pytest.param("1769860800.5", NOW + timedelta(seconds=0.5), id="seconds and a half"),
        pytest.param("2026-01-31T12:00:00Z", NOW, id="UTC"),
        pytest.param("2026-01-31t12:00:00z", NOW, id="lower case"),
        pytest.param("2026-01-31T13:00:00+01:00", NOW, id="zone"),
        pytest.param("2026-01-31T12:00:00.250000001Z", NOW + timedelta(seconds=0.25), id="nanos"),
        pytest.param("2026-01-31T17:30", NOW, id="local minutes"),
        pytest.param("2026-01-31T17", NOW - timedelta(minutes=30), id="local hour"),
        pytest.param("2026-01-31", NOW - timedelta(hours=17.5), id="local date"),
        pytest.param("2026-01-31Z", NOW - timedelta(hours=12), id="date in UTC"),
    ],
)
def test_parse_moment_reads_what_docker_reads(text: str, expected: datetime) -> None:
    """Durations count back; without a zone the time is local."""
    assert expected == parse_moment(text, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "10 m", "10x", "٣m", "1e3", "NaN", "\x1b[31m"),
        *("2026-13-01", "2026-01-31 12:00", "26-01-31", "2026-W05-6", "2026-01-31T25"),
        *("9" * 18, "99999999999h"),
    ],
)
def test_parse_moment_refuses_anything_else(text: str) -> None:
    """What is no moment, or lies beyond the calendar, is refused with moby's text."""
    with pytest.raises(InvalidInputError, match="failed to parse value as time or duration"):
        parse_moment(text, now=NOW)


def test_parse_range_names_the_bad_end() -> None:
    """The error says which of the two options it means."""
    with pytest.raises(InvalidInputError, match=r"^invalid value for 'until': failed to parse"):
        parse_range("10m", "soon", now=NOW)


def test_parse_range_refuses_an_inverted_one() -> None:
    """The two ends are shown as they were typed."""
    with pytest.raises(InvalidInputError) as caught:
        parse_range("5m", "10m", now=NOW)

    assert str(caught.value) == "`since` time (5m) cannot be after `until` time (10m)"


def test_parse_range_may_be_open() -> None:
    """Each end may be left out."""
    assert parse_range(None, None, now=NOW) == (None, None)
    assert parse_range("1h", None, now=NOW) == (NOW - timedelta(hours=1), None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("72h", timedelta(hours=72), id="duration"),
        pytest.param("30d", timedelta(days=30), id="days"),
        pytest.param("2026-01-31T12:00:00Z", NOW, id="moment"),
        pytest.param("1769860800", NOW, id="seconds"),
    ],
)
def test_parse_end_reads_moments_and_durations(text: str, expected: datetime | timedelta) -> None:
    """How long from now is left to the clock that counts."""
    assert parse_end(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "3 h", "99999999999h"])
def test_parse_end_refuses_anything_else(text: str) -> None:
    """As a moment, or as a duration."""
    with pytest.raises(InvalidInputError, match=r"failed to parse value as|invalid duration"):
        parse_end(text)


@pytest.mark.parametrize("text", ["-5h", "-1", "+5h"])
def test_parse_end_refuses_a_sign(text: str) -> None:
    """Nothing ends before it begins; a sign would count from 1970."""
    with pytest.raises(InvalidInputError, match="is no end: expected 90d, 12h or a moment"):
        parse_end(text)


def test_format_moment_is_local_with_nine_decimals() -> None:
    """Events are told in local time, and their zone is told with them."""
    moment = NOW + timedelta(microseconds=1234)

    assert format_moment(moment) == "2026-01-31T17:30:00.001234000+05:30"
    assert format_local(NOW) == "2026-01-31 17:30:00 +0530 IST"


def test_format_moment_in_utc_says_z(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Go does."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    assert format_moment(NOW) == "2026-01-31T12:00:00.000000000Z"


def test_format_utc_drops_zeros_behind_the_point() -> None:
    """JSON has the shortest form, in UTC."""
    assert format_utc(NOW) == "2026-01-31T12:00:00Z"
    assert format_utc(NOW + timedelta(milliseconds=500)) == "2026-01-31T12:00:00.5Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90d", timedelta(days=90)),
        ("1d12h", timedelta(hours=36)),
        ("10m", timedelta(minutes=10)),
        ("2026-01-31T12:00:00Z", NOW),
        ("1769860800", NOW),
    ],
)
def test_parse_age_reads_days_too(text: str, expected: datetime | timedelta) -> None:
    """Where much is kept for long; docker's own options do not know days."""
    assert parse_age(text) == expected


@pytest.mark.parametrize("text", ["", "d", "ninety days", "-90d", "-10m", "9" * 400 + "d"])
def test_parse_age_refuses_what_is_no_age(text: str) -> None:
    """Nor what is yet to come, or lies beyond the calendar."""
    with pytest.raises(InvalidInputError):
        parse_age(text)


def test_parse_duration_reads_any_unit() -> None:
    """Of a lease, of a time to wait."""
    assert parse_duration("1h30m") == timedelta(minutes=90)
    assert parse_duration("7d") == timedelta(days=7)
    for text in ("", "10", "-10m", "soon", "9" * 400 + "d"):
        with pytest.raises(InvalidInputError, match="invalid duration"):
            parse_duration(text)
