"""Requests: what a caller was told, kept in the transaction that made it true.

A connection that is lost in COMMIT leaves the caller in doubt; the request's ID resolves it: its
answer is there exactly if the transaction was. Repeating an ID returns the answer and does nothing.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection

from imagedb import records
from imagedb.database import StartOver
from imagedb.digests import Digest, find_digest
from imagedb.errors import ConflictError
from imagedb.filters import PruneFilters
from imagedb.records import Caller, Deleted, SourceImage, Untagged
from imagedb.sql import events as sql


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer; a class of its own, since None may be one."""

    value: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """An operation that somebody asks for, under an ID that stands for it alone."""

    id: str
    operation: str
    arguments: Digest
    """Of all that was asked: namespace, host, operation and arguments."""

    @classmethod
    def of(
        cls,
        caller: Caller,
        namespace: str,
        operation: str,
        args: Sequence[object],
        kwargs: Mapping[str, object],
    ) -> Self:
        """Tell requests apart by everything that their outcome depends on."""
        asked = [namespace, caller.host, operation, encode(args), encode(kwargs)]
        text = json.dumps(asked, sort_keys=True, default=str)
        return cls(caller.request_id, operation, Digest.of(text.encode()))


def find_answer(connection: Connection, request: Request) -> Answer | None:
    """What the caller was told under this request ID, if it happened.

    Raises:
        ConflictError: the ID was used for another request.
    """
    row = connection.execute(sql.answer_of_request, {"request": request.id}).first()
    if row is None:
        return None
    if (row.operation, row.arguments) != (request.operation, request.arguments):
        raise ConflictError(
            f"request ID {request.id} was used for another request; use another one",
        )
    return Answer(decode(row.answer))


def add_answer(connection: Connection, request: Request, value: object) -> None:
    """Keep what the caller is about to be told.

    Raises:
        StartOver: the same request was made twice at once, and the other one is done.
    """
    values = {
        "request": request.id,
        "operation": request.operation,
        "arguments": request.arguments,
        "answer": encode(value),
    }
    if connection.execute(sql.add_answer, values).first() is None:
        raise StartOver


def encode(value: object) -> Any:  # noqa: ANN401 - JSON
    """The JSON form: delete records as docker's API has them, other records by class and fields.

    An image to be stored is its ID and names: the ID is the digest of all that it holds. Moments
    of filters are what was typed: who repeats `24h` asks for the same again.
    """
    match value:
        case Untagged():
            return {"Untagged": value.name}
        case Deleted():
            return {"Deleted": value.digest}
        case SourceImage():
            return {"SourceImage": value.id, "names": [str(name) for name in value.names]}
        case PruneFilters():
            return _encode_filters(value)
        case _:
            return _encode_other(value)


def _encode_filters(filters: PruneFilters) -> Any:  # noqa: ANN401 - JSON
    typed = dict(filters.typed)
    encoded = _encode_other(filters)
    encoded["fields"]["until"] = [typed.get(moment, encode(moment)) for moment in filters.until]
    del encoded["fields"]["typed"]
    return encoded


def _encode_other(value: object) -> Any:  # noqa: ANN401 - JSON
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
        return {"record": type(value).__name__, "fields": fields}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {name: encode(item) for name, item in value.items()}
    return value


def decode(value: Any) -> Any:  # noqa: ANN401 - JSON
    """What `encode` wrote; lists come back as tuples, digests as `Digest`."""
    if isinstance(value, list):
        return tuple(decode(item) for item in value)
    if isinstance(value, dict):
        return _decode_object(value)
    return (find_digest(value) or value) if isinstance(value, str) else value


def _decode_object(value: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if "Untagged" in value:
        return Untagged(value["Untagged"])
    if "Deleted" in value:
        return Deleted(Digest(value["Deleted"]))
    if "moment" in value:
        return datetime.fromisoformat(value["moment"])
    if "record" in value:
        fields = {name: decode(field) for name, field in value["fields"].items()}
        return getattr(records, value["record"])(**fields)
    return value
