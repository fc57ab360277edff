"""What PostgreSQL and SQLite say differently, under one name each."""

from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    Table,
    any_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import LargeBinary, Text

from imagedb.columns import DigestColumn, JSONList, Key, Timestamp


def parameter(name: str, like: ColumnElement[Any]) -> BindParameter[Any]:
    """A named parameter of a column's type."""
    return bindparam(name, type_=like.type)


def insert_missing(table: Table, *columns: str) -> postgresql.Insert:
    """INSERT .. ON CONFLICT (columns) DO NOTHING, which both engines speak.

    A row that is there stays as it is; one that somebody else is inserting is waited for.
    """
    return postgresql.insert(table).inline().on_conflict_do_nothing(index_elements=list(columns))


def insert_or_set(table: Table, key: str, **values: ColumnElement[Any]) -> postgresql.Insert:
    """INSERT .. ON CONFLICT (key) DO UPDATE, which both engines speak; sets all the values."""
    new = postgresql.insert(table).inline().values(values)
    given = {name: new.excluded[name] for name in values if name != key}
    return new.on_conflict_do_update(index_elements=[key], set_=given)


class any_of(FunctionElement[bool]):  # noqa: N801 - reads as SQL
    """Whether a column equals one of the values of a list parameter, by index.

    One array on PostgreSQL, one JSON text on SQLite, so that the statement's text (and plan) is
    the same for any length.
    """

    inherit_cache = True
    type = Boolean()
    _is_implicitly_boolean = True  # or SQLite gets "... = 1", which no index answers

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=ARRAY(column.type)))


@compiles(any_of)
def _any_of_array(element: any_of, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = element.clauses
    return compiler.process(column == any_(values), **kw)


@compiles(any_of, "sqlite")
def _any_of_list(element: any_of, compiler: SQLCompiler, **kw: Any) -> str:
    """One JSON text, as SQLite takes no more than 32,766 parameters; digests, few, one by one.

    (No function that SQLite has everywhere makes bytes of what JSON can hold.)
    """
    column, values = element.clauses
    if isinstance(column.type, DigestColumn | LargeBinary):
        listed = bindparam(values.key, type_=column.type, expanding=True)
        return compiler.process(column.in_(listed), **kw)
    items = func.json_each(bindparam(values.key, type_=JSONList())).table_valued("value")
    return compiler.process(column.in_(select(items.c.value)), **kw)


class among(FunctionElement[bool]):  # noqa: N801 - reads as SQL
    """Whether a column equals one of the few values that a select finds, by index.

    (Of `IN (SELECT ...)` PostgreSQL makes a join, and reads the other table as a whole.)
    """

    inherit_cache = True
    type = Boolean()
    _is_implicitly_boolean = True  # or SQLite gets "... = 1", which no index answers

    def __init__(self, column: ColumnElement[Any], found: Select[Any]) -> None:
        super().__init__(column, found.scalar_subquery())


@compiles(among)
def _among_array(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, found = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY (ARRAY{found})"


@compiles(among, "sqlite")
def _among_list(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, found = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} IN {found}"


class now(FunctionElement[Any]):  # noqa: N801 - reads as SQL
    """The database's clock; the caller's is never trusted."""

    inherit_cache = True
    type = Timestamp()


@compiles(now)
def _now_postgresql(element: now, compiler: SQLCompiler, **kw: Any) -> str:
    return "clock_timestamp()"


@compiles(now, "sqlite")
def _now_sqlite(element: now, compiler: SQLCompiler, **kw: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"


class seconds_after(FunctionElement[Any]):  # noqa: N801 - reads as SQL
    """A moment, so many seconds later; NULL without a number."""

    inherit_cache = True
    type = Timestamp()

    def __init__(self, moment: ColumnElement[Any], seconds: ColumnElement[Any]) -> None:
        super().__init__(moment, seconds)


@compiles(seconds_after)
def _seconds_after_postgresql(element: seconds_after, compiler: SQLCompiler, **kw: Any) -> str:
    moment, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{moment} + make_interval(secs => {seconds})"


@compiles(seconds_after, "sqlite")
def _seconds_after_sqlite(element: seconds_after, compiler: SQLCompiler, **kw: Any) -> str:
    moment, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{moment} + {seconds} * 1000000"


class session_user(FunctionElement[Any]):  # noqa: N801 - reads as SQL
    """The user the database knows; SQLite knows none."""

    inherit_cache = True
    type = Text()


@compiles(session_user)
def _session_user_postgresql(element: session_user, compiler: SQLCompiler, **kw: Any) -> str:
    return "session_user"


@compiles(session_user, "sqlite")
def _session_user_sqlite(element: session_user, compiler: SQLCompiler, **kw: Any) -> str:
    return "''"


class unindexed(FunctionElement[Any]):  # noqa: N801 - reads as SQL
    """A column to look at in rows that another index finds, in its order.

    Without statistics SQLite prefers any equality, and sorts what that finds.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(unindexed)
def _unindexed(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(unindexed, "sqlite")
def _unindexed_sqlite(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


class is_proper_prefix(FunctionElement[bool]):  # noqa: N801 - reads as SQL
    """Whether a path is a proper prefix of another one, at a multiple of 8 bytes.

    Written as equality with each of the prefixes, so that an index on the first path answers it
    by at most one probe per layer. (A join with the prefixes makes PostgreSQL scan.)
    """

    inherit_cache = True
    type = Boolean()
    _is_implicitly_boolean = True  # or SQLite gets "... = 1", which no index answers

    def __init__(self, path: ColumnElement[Any], of: ColumnElement[Any]) -> None:
        super().__init__(path, of)


@compiles(is_proper_prefix)
def _is_proper_prefix_postgresql(
    element: is_proper_prefix, compiler: SQLCompiler, **kw: Any
) -> str:
    path, of = (compiler.process(clause, **kw) for clause in element.clauses)
    lengths = f"generate_series(1, length({of}) / 8 - 1) AS layers"
    return f"{path} = ANY (ARRAY(SELECT substr({of}, 1, 8 * layers) FROM {lengths}))"


@compiles(is_proper_prefix, "sqlite")
def _is_proper_prefix_sqlite(element: is_proper_prefix, compiler: SQLCompiler, **kw: Any) -> str:
    path, of = (compiler.process(clause, **kw) for clause in element.clauses)
    lengths = (
        f"WITH RECURSIVE prefix(bytes) AS (SELECT 8 UNION ALL"
        f" SELECT bytes + 8 FROM prefix WHERE bytes + 8 < length({of}))"
    )
    prefixes = f"SELECT substr({of}, 1, bytes) FROM prefix WHERE bytes < length({of})"
    return f"{path} IN ({lengths} {prefixes})"


def depth(path: ColumnElement[Any]) -> ColumnElement[int]:
    """The number of layers of a path."""
    return func.length(path, type_=Key) // literal_column("8", Key)


BYTES = LargeBinary()


class hex_of_bytes(FunctionElement[str]):  # noqa: N801 - reads as SQL
    """Bytes in lower-case hexadecimal digits."""

    inherit_cache = True
    type = Text()


@compiles(hex_of_bytes)
def _hex_of_bytes_postgresql(element: hex_of_bytes, compiler: SQLCompiler, **kw: Any) -> str:
    return f"encode({compiler.process(element.clauses, **kw)}, 'hex')"


@compiles(hex_of_bytes, "sqlite")
def _hex_of_bytes_sqlite(element: hex_of_bytes, compiler: SQLCompiler, **kw: Any) -> str:
    return f"lower(hex({compiler.process(element.clauses, **kw)}))"


class hex_of_number(FunctionElement[str]):  # noqa: N801 - reads as SQL
    """A number as a path spells it, 8 bytes big-endian, in hexadecimal digits.

    Digits, because SQLite makes no bytes of a number.
    """

    inherit_cache = True
    type = Text()


@compiles(hex_of_number)
def _hex_of_number_postgresql(element: hex_of_number, compiler: SQLCompiler, **kw: Any) -> str:
    return f"encode(int8send({compiler.process(element.clauses, **kw)}), 'hex')"


@compiles(hex_of_number, "sqlite")
def _hex_of_number_sqlite(element: hex_of_number, compiler: SQLCompiler, **kw: Any) -> str:
    return f"printf('%016x', {compiler.process(element.clauses, **kw)})"


class items_of(FunctionElement[Any]):  # noqa: N801 - reads as SQL
    """The items of a JSON list, as rows with the column `value`; none where it is no list."""

    inherit_cache = True


@compiles(items_of)
def _items_of_postgresql(element: items_of, compiler: SQLCompiler, **kw: Any) -> str:
    document = compiler.process(element.clauses, **kw)
    items = f"CASE jsonb_typeof({document}) WHEN 'array' THEN {document} END"
    return f"jsonb_array_elements({items})"


@compiles(items_of, "sqlite")
def _items_of_sqlite(element: items_of, compiler: SQLCompiler, **kw: Any) -> str:
    document = compiler.process(element.clauses, **kw)
    return f"json_each(CASE json_type({document}) WHEN 'array' THEN {document} END)"
