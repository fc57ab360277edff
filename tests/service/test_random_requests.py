"""Random requests, made of the OpenAPI document: no defect, and no answer that it does not tell.

For ten minutes instead of seconds: docs/service.md.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema

from imagedb.http.app import app_of
from tests.builders.api import API, OWN

load_all_checks()
NOT_CHECKED: list[Any] = CHECKS.get_by_names(["positive_data_acceptance"])
"""No schema says which references and names are right: that is what 400 tells."""

RANDOM = settings(
    max_examples=12,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def document(api: API) -> BaseSchema:
    """The document of a service with a fleet, which random requests may change."""
    return schemathesis.openapi.from_asgi(f"{OWN}/openapi.json", app_of(api.service))


def test_random_request_is_answered_as_the_document_tells(document: BaseSchema) -> None:
    """Whatever is asked, right or wrong, of every operation."""
    asked = 0
    for found in document.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

        @seed(4)
        @RANDOM
        @given(case=right | wrong)
        def ask(case: Any) -> None:  # noqa: ANN401 - schemathesis'
            nonlocal asked
            asked += 1
            case.call_and_validate(excluded_checks=NOT_CHECKED)

        ask()
    assert asked > 100


def test_answer_that_the_document_does_not_tell_is_found(
    document: BaseSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the other test would prove nothing."""
    case = document["/hosts"]["GET"].Case()
    case.call_and_validate(excluded_checks=NOT_CHECKED)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("imagedb.http.api.hosts.list_hosts", fail)
    with pytest.raises(FailureGroup):
        case.call_and_validate(excluded_checks=NOT_CHECKED)
