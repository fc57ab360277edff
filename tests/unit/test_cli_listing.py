"""Tables, templates and `-q` over rows."""

import pytest

from imagedb.cli.listing import Listing
from imagedb.errors import InvalidTemplateError

LISTING = Listing(
    headers={"ID": "IMAGE ID", "Name": "NAME", "Size": "SIZE"}, columns=("ID", "Name")
)
ROWS = [{"ID": "a1", "Name": "app\x1b", "Size": "1B"}, {"ID": "b2", "Name": "", "Size": "2B"}]


@pytest.mark.parametrize(
    ("text", "quiet", "expected"),
    [
        pytest.param(
            None, False, ["IMAGE ID   NAME", r"a1         app\x1b", "b2         "], id="table"
        ),
        pytest.param(
            "table", False, ["IMAGE ID   NAME", r"a1         app\x1b", "b2         "], id="word"
        ),
        pytest.param(None, True, ["a1", "b2"], id="quiet"),
        pytest.param("{{.Size}}", True, ["1B", "2B"], id="a template goes before quiet"),
        pytest.param(
            r"table {{.Size}}\t{{lower .ID}}",
            False,
            ["SIZE      IMAGE ID", "1B        a1", "2B        b2"],
            id="table of one's own",
        ),
        pytest.param(
            "json",
            False,
            [
                '{"ID":"a1","Name":"app\\u001b","Size":"1B"}',
                '{"ID":"b2","Name":"","Size":"2B"}',
            ],
            id="json",
        ),
    ],
)
def test_listing_lays_rows_out(text: str | None, quiet: bool, expected: list[str]) -> None:  # noqa: FBT001
    """The two options choose the form, as in docker."""
    assert expected == LISTING.lines(ROWS, text, quiet=quiet)


@pytest.mark.parametrize("text", ["{{.Nope}}", "table {{.ID}} {{.Nope}}", "{{json .Nope}}"])
def test_listing_refuses_an_unknown_field_without_rows(text: str) -> None:
    """An error of the template does not wait for the first row."""
    with pytest.raises(InvalidTemplateError, match="the fields are: ID, Name, Size"):
        LISTING.lines([], text)


def test_listing_of_nothing_is_a_header() -> None:
    """As docker's."""
    assert LISTING.lines([], None) == ["IMAGE ID   NAME"]
    assert LISTING.lines([], None, quiet=True) == []
