"""What no database can hold is refused in our own words."""

import pytest

from imagedb.database import Database
from imagedb.errors import InvalidInputError, NamespaceNotFoundError
from imagedb.namespaces import get_namespace
from imagedb.records import Caller
from imagedb.sql import images as sql

NO_UNICODE = "\udcff"
"""How Python gives a byte of the command line that is no UTF-8."""


def test_text_that_is_no_unicode_is_refused(database: Database) -> None:
    """By each of the three doors; no driver's error comes out."""
    with pytest.raises(InvalidInputError, match="cannot be stored"), database.look() as connection:
        get_namespace(connection, NO_UNICODE)
    with pytest.raises(InvalidInputError, match="cannot be stored"), database.read() as connection:
        get_namespace(connection, NO_UNICODE)
    with pytest.raises(InvalidInputError, match="cannot be stored"):
        database.write(lambda connection: get_namespace(connection, NO_UNICODE))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\udcff", r"a\xff"),
        ("\ud800b", r"\ud800b"),
        ("x" * 99 + NO_UNICODE + "y" * 99, "x" * 40 + r"\xff" + "y" * 39),
    ],
)
def test_text_that_is_no_unicode_is_told_in_our_words(
    database: Database, name: str, shown: str
) -> None:
    """What, which value, what to do; the part of it that matters, with escapes."""
    with pytest.raises(InvalidInputError) as caught:
        database.write(lambda connection: get_namespace(connection, name))

    told = f"what was given cannot be stored: '{shown}' is no UTF-8 text; give it in UTF-8"
    assert str(caught.value) == told


def test_text_with_a_nul_is_no_fault_of_the_database(database: Database) -> None:
    """PostgreSQL's driver refuses it; to SQLite it is a name that nothing has."""
    with pytest.raises((InvalidInputError, NamespaceNotFoundError)), database.read() as connection:
        get_namespace(connection, "a\0b")


def test_value_of_another_kind_is_refused(database: Database) -> None:
    """What SQLAlchemy says of a statement and its values is translated, too."""
    with pytest.raises(InvalidInputError), database.look() as connection:
        connection.execute(sql.image_by_digest, {"namespace": 1, "digest": "sha256:zz"})


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a\nb", "a\x1b[2J", NO_UNICODE])
def test_request_id_that_is_no_word_is_refused(request_id: str) -> None:
    """It is printed, kept and typed again: 1 to 128 printable characters."""
    with pytest.raises(InvalidInputError, match="invalid request ID"):
        Caller("me", request_id=request_id)
    assert Caller("me", request_id="x" * 128).request_id


def test_request_id_of_the_longest_leaves_room_for_numbers() -> None:
    """Of an argument, and of a batch of it; what was typed is checked alone."""
    caller = Caller("me", request_id="x" * 128)

    assert caller.numbered(2).numbered(17).request_id == "x" * 128 + ".2.17"
    with pytest.raises(InvalidInputError, match="invalid request ID"):
        Caller("me", request_id="x" * 129 + ".2")
