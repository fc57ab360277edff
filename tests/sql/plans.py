"""How an engine would run a statement: what it reads as a whole, and how much it touches."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from sqlalchemy import Alias, ClauseElement, Connection, Executable, Table, event
from sqlalchemy.sql.visitors import iterate

Values = Mapping[str, Any]
Node = dict[str, Any]
Question = Callable[[Any, str, Any], tuple[str, Any]]
"""What to say to the engine, made of a cursor, a statement's text and its parameters."""
_SCANS: Final = {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
_STEPS: Final = 50
"""Instructions of SQLite's machine between two looks at the counter."""


@dataclass
class Plan:
    """What a statement's plan says."""

    scanned: set[str] = field(default_factory=set)
    """Tables that are read as a whole, by themselves or along an index."""
    indexes: set[str] = field(default_factory=set)
    text: str = ""


def _answers(
    connection: Connection, statement: ClauseElement, values: Values, question: Question
) -> list[Any]:
    """Compile and bind a statement as ever, but ask the engine something about it instead."""
    answers: list[Any] = []

    def ask(
        _connection: Connection, cursor: object, text: str, parameters: object, *_: object
    ) -> tuple[str, Any]:
        return question(cursor, text, parameters)

    def keep(_connection: Connection, cursor: Any, *_: Any) -> None:  # noqa: ANN401 - the driver's
        answers.extend(cursor.fetchall())

    event.listen(connection, "before_cursor_execute", ask, retval=True)
    event.listen(connection, "after_cursor_execute", keep)
    try:
        _execute(connection, statement, values)
    finally:
        event.remove(connection, "before_cursor_execute", ask)
        event.remove(connection, "after_cursor_execute", keep)
    return answers


def _explaining(how: str) -> Question:
    return lambda _cursor, text, parameters: (f"{how} {text}", parameters)


def _execute(connection: Connection, statement: ClauseElement, values: Values) -> Any:  # noqa: ANN401 - a result of any rows
    assert isinstance(statement, Executable)
    return connection.execute(statement, values)


class Explainer(Protocol):
    """An engine that explains itself."""

    engine: str

    def explain(self, statement: ClauseElement, values: Values) -> Plan:
        """Read the plan for these values."""

    def work(self, statement: ClauseElement, values: Values) -> int:
        """Run the statement, count what it touches, and take it back."""


# ── SQLite ────────────────────────────────────────────────────────────────────────────────────


@dataclass
class SQLiteExplainer:
    """EXPLAIN QUERY PLAN; work is counted in instructions of SQLite's machine."""

    connection: Connection
    engine: str = "sqlite"

    def explain(self, statement: ClauseElement, values: Values) -> Plan:
        """Read the plan; a SCAN of a table, or an index made on the way, is a whole read."""
        tables, plan = _tables(statement), Plan()
        question = _explaining("EXPLAIN QUERY PLAN")
        for row in _answers(self.connection, statement, values, question):
            detail: str = row[3]
            plan.text += detail + "\n"
            verb, name, *rest = [*detail.split(), "", ""]
            if "INDEX" in rest:
                plan.indexes.add(rest[rest.index("INDEX") + 1])
            if name in tables and (verb == "SCAN" or "AUTOMATIC" in rest):
                plan.scanned.add(tables[name])
        return plan

    def work(self, statement: ClauseElement, values: Values) -> int:
        """Run the statement, count its instructions, and take it back."""
        driver: Any = self.connection.connection.driver_connection
        count = 0

        def step() -> None:
            nonlocal count
            count += _STEPS

        savepoint = self.connection.begin_nested()
        driver.set_progress_handler(step, _STEPS)
        try:
            result = _execute(self.connection, statement, values)
            if result.returns_rows:
                result.all()
        finally:
            driver.set_progress_handler(None, 0)
            savepoint.rollback()
        return count


def _tables(statement: ClauseElement) -> dict[str, str]:
    """The tables of a statement by the names that it calls them."""
    found = {}
    for element in iterate(statement):
        if isinstance(element, Table):
            found[element.name] = element.name
        elif isinstance(element, Alias) and isinstance(element.element, Table):
            found[str(element.name)] = element.element.name
    return found


# ── PostgreSQL ────────────────────────────────────────────────────────────────────────────────


@dataclass
class PostgresExplainer:
    """EXPLAIN (FORMAT JSON), for the values or for any values; work is counted in rows."""

    connection: Connection
    engine: str = "postgresql"
    is_generic: bool = False
    """Explain the plan of a prepared statement that has to do for any values."""

    def explain(self, statement: ClauseElement, values: Values) -> Plan:
        """Read the plan; an index without a condition is read as a whole."""
        question = _prepared if self.is_generic else _explaining("EXPLAIN (FORMAT JSON)")
        return _plan(self._root(statement, values, question))

    def work(self, statement: ClauseElement, values: Values) -> int:
        """Run the statement, count the rows that its scans touch, and take it back."""
        question = _explaining("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)")
        savepoint = self.connection.begin_nested()
        try:
            root = self._root(statement, values, question)
        finally:
            savepoint.rollback()
        return sum(_touched(node) for node in _nodes(root))

    def _root(self, statement: ClauseElement, values: Values, question: Question) -> Node:
        answer = _answers(self.connection, statement, values, question)[0][0]
        root: Node = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
        return root


def _prepared(cursor: Any, text: str, _parameters: Any) -> tuple[str, Any]:  # noqa: ANN401 - the driver's
    """Prepare the statement, to be explained as it is run whatever the values are."""
    places = _Places()
    numbered = text % places
    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    cursor.execute("DEALLOCATE ALL")
    cursor.execute(f"PREPARE asked AS {numbered}", prepare=False)
    nulls = f"({', '.join('NULL' for _ in places)})" if places else ""
    return f"EXPLAIN (FORMAT JSON) EXECUTE asked{nulls}", {}


class _Places(dict[str, str]):
    """Numbers for parameters, in the order in which they are met."""

    def __missing__(self, name: str) -> str:
        """Give the next number."""
        self[name] = f"${len(self) + 1}"
        return self[name]


def _plan(root: Node) -> Plan:
    plan = Plan()
    for node in _nodes(root):
        kind, index = node["Node Type"], node.get("Index Name", "")
        table = node.get("Relation Name", "")
        plan.text += f"{kind} {table} {index} {node.get('Index Cond', '')}\n"
        if index:
            plan.indexes.add(index)
        if kind == "Seq Scan" or (kind in _SCANS and "Index Cond" not in node):
            plan.scanned.add(table or index)
    return plan


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _touched(node: Node) -> int:
    if "Relation Name" not in node or node["Node Type"] == "ModifyTable":
        return 0
    dropped = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows: float = node["Actual Rows"] + sum(node.get(name, 0) for name in dropped)
    loops: int = node["Actual Loops"]
    return round(rows * loops)
