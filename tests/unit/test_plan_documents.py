"""Plans as documents: written, read back, and refused where they are none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagedb.errors import InvalidPlanError
from imagedb.filters import LabelTest, PruneFilters
from imagedb.plan_documents import DeleteArguments, PlanDocument, PruneArguments, parse_plan
from imagedb.plan_writing import filters_of, options_of
from imagedb.platforms import parse_platform
from tests.unit.deciding import BIRTH
from tests.unit.planned import DELETE, FACTS, PRUNE, a_document

Path = tuple[str | int, ...]


def refusal(text: str | bytes) -> str:
    """What is told of a text that is no plan: one line."""
    with pytest.raises(InvalidPlanError) as caught:
        parse_plan(text)
    told = str(caught.value)
    assert told.startswith("invalid plan: ")
    assert len(told.splitlines()) == 1
    return told.removeprefix("invalid plan: ")


def edited(*path: str | int, value: object) -> str:
    """A plan with one member changed by hand."""
    document: Any = json.loads(a_document().to_json())
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize("document", [a_document(), a_document(operation="prune", arguments=PRUNE)])
def test_document_is_read_as_it_was_written(document: PlanDocument) -> None:
    """All of it, from text or bytes, laid out for a reader or not."""
    text = document.to_json()

    assert text.startswith('{\n  "format": 1,\n')
    assert text.endswith("}\n")
    assert parse_plan(text) == document
    assert parse_plan(json.dumps(json.loads(text)).encode()) == document


def test_records_are_dockers() -> None:
    """Each has one member, as in the API's answer."""
    written = json.loads(a_document().to_json())

    assert written["images"][0]["records"] == [{"Untagged": "app:1"}, {"Deleted": FACTS["id"]}]


def test_arguments_are_read_back() -> None:
    """What was asked for is asked for again."""
    options = options_of(DeleteArguments.model_validate(DELETE))
    filters = filters_of(PruneArguments.model_validate(PRUNE))

    assert (options.force, options.prune, options.ignore_stale) == (True, True, False)
    assert options.platforms == (parse_platform("linux/arm64"),)
    assert filters == PruneFilters(
        dangling=False,
        until=(BIRTH,),
        labels=(LabelTest("team", None, is_wanted=True),),
        references=("app*",),
    )


# ── the token ─────────────────────────────────────────────────────────────────────────────────

EDITED = "it does not fit its checksum: it was edited; make a new one"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("operation",), "prune"),
        (("namespace",), "other"),
        (("host",), "web-1"),
        (("arguments", "force"), False),
        (("arguments", "reference"), "app:2"),
        (("images", 0, "facts", "references"), []),
        (("images", 0, "facts", "containers", 0, "state"), "running"),
        (("images", 0, "facts", "holds"), []),
        (("images", 0, "facts", "parents", 0, "is_used"), True),
        (("images",), []),
        (("content",), []),
        (("token",), "sha256:" + "0" * 64),
        (("checksum",), "sha256:" + "0" * 64),
        (("actor",), "someone else"),
        (("freed",), 10**12),
        (("shared",), 0),
        (("images", 0, "records", 1, "Deleted"), "sha256:" + "0" * 64),
        (("images", 0, "records"), []),
        (("images", 0, "conflicts"), []),
        (("images", 0, "conflicts", 0, "is_hard"), False),
        (("images", 0, "reasons", 0, "why"), "no"),
    ],
)
def test_edited_document_is_refused(path: Path, value: object) -> None:
    """Everything stands as it was written, what follows from the facts too, or no plan does."""
    assert refusal(edited(*path, value=value)) == EDITED


def test_token_is_of_arguments_and_facts_alone() -> None:
    """Whoever asks, and what is told for a reader, is not what a plan rests on."""
    told = a_document(actor="someone else", freed=0, shared=0)

    assert told.token == a_document().token
    assert told.checksum != a_document().checksum


# ── what is no plan ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("no plan", "Invalid JSON: expected ident at line 1 column 2"),
        (b"\xff\xfe", "Invalid JSON: "),
        ("[]", "Input should be an object"),
        ("{}", "format: Field required"),
        ('{"format": 2}', "its format is 2, this imagedb reads 1"),
        ('{"format": "' + "1" * 99 + '"}', "its format is '1111111111111111111, this imagedb"),
        (edited("surplus", value=1), "surplus: Extra inputs are not permitted"),
        (edited("images", 0, "facts", "entered", value="noon"), "images.0.facts.entered: "),
        (edited("images", 0, "facts", "entered", value="2024-01-01T00:00:00"), "images.0.facts."),
        ("[" * 100_000, "Invalid JSON: recursion limit exceeded"),
    ],
)
def test_what_is_no_plan_is_refused_in_one_line(text: str | bytes, told: str) -> None:
    """It says where and what, whatever it is."""
    assert refusal(text).startswith(told)


@given(st.integers(0, len(a_document().to_json()) - 3))
def test_truncated_document_is_refused(length: int) -> None:
    """Wherever it ends."""
    assert "Invalid JSON" in refusal(a_document().to_json()[:length])


@given(st.binary(max_size=50) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_garbage_is_refused(garbage: str | bytes) -> None:
    """Nothing but our own error comes of it."""
    assert refusal(garbage)
