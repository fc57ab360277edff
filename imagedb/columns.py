"""The types of columns: one Python value, one stored form per engine.

==================  =========================  ===================================
Python              PostgreSQL                 SQLite
==================  =========================  ===================================
`Digest`            `bytea` (`to_bytes`)       `BLOB` (the same bytes)
`datetime`, UTC     `timestamptz`              `INTEGER`, microseconds since 1970
`str`, byte order   `text COLLATE "C"`         `TEXT` (compares bytes already)
`dict`, `list`      `jsonb`                    `JSON` (text)
`bytes`, a document `bytea`, deflated          `BLOB`, deflated
==================  =========================  ===================================
"""

import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Dialect, Integer, LargeBinary, Text, types
from sqlalchemy.dialects import postgresql

from imagedb.digests import Digest

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
UNKNOWN_TIME: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Stands for no moment, as in Go; older than 1970, which reproducible builds do write."""
_MICROSECOND: Final = timedelta(microseconds=1)

Key = BigInteger().with_variant(Integer(), "sqlite")
"""A row's number; SQLite gives numbers by itself only to `INTEGER`."""

ByteOrderText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its bytes, as Go does, whatever the database's locale is."""

JSONDocument = JSON().with_variant(postgresql.JSONB(), "postgresql")


class DigestColumn(types.TypeDecorator[Digest]):
    """A `Digest` as bytes."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, kind: type[Digest] = Digest) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Write the digest's stored form."""
        return None if value is None else Digest(value).to_bytes()

    def process_result_value(self, value: Any, dialect: Dialect) -> Digest | None:  # noqa: ANN401 - the driver's
        """Read the stored form."""
        return None if value is None else self.kind.from_bytes(value)


class Timestamp(types.TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond."""

    impl = types.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """Choose the stored form."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Integer())
        return dialect.type_descriptor(types.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - per engine
        """Write a moment that knows its zone."""
        if value is None or dialect.name != "sqlite":
            return value
        return (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - per engine
        """Read a moment, in UTC."""
        if value is None:
            return None
        moment: datetime = (
            EPOCH + value * _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)
        )
        return moment


class JSONList(types.TypeDecorator[Sequence[int | str]]):
    """Numbers or texts as one parameter, for SQLite."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[int | str] | None, dialect: Dialect) -> str:
        """Write a list; what is no Unicode stays so, for the driver to refuse."""
        return json.dumps(list(value or ()), ensure_ascii=False)


class CompressedDocument(types.TypeDecorator[bytes]):
    """A JSON document, byte for byte, deflated."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Deflate."""
        return None if value is None else zlib.compress(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ANN401 - the driver's
        """Inflate."""
        return None if value is None else zlib.decompress(value)
