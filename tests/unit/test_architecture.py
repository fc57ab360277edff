"""What no linter knows: who may end a transaction, who may write SQL, who may name a column."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Final

import imagedb

PACKAGE: Final = Path(imagedb.__file__).parent
DOORS: Final = ("database.py", "migrations.py", "_migrations/")
"""Where transactions begin and end."""
ENDINGS: Final = {"begin", "begin_nested", "begin_twophase", "commit", "rollback"}
LOOP: Final = (
    "http/api/asking.py",
    "http/api/pages.py",
    "http/app.py",
    "http/asking.py",
    "http/bodies.py",
    "http/following.py",
    "http/front.py",
    "http/guard.py",
    "http/loading.py",
    "http/operations.py",
    "http/refusing.py",
    "http/serving.py",
    "http/watching.py",
)
"""What the server's loop does itself: it receives, reads what is asked, sends and waits.

No thread is held for it; whatever touches the database is called in one.
"""
STATEMENTS: Final = {"select", "insert", "update", "delete", "union", "union_all"}
CONSTANTS: Final = {"MAX_PATH_LAYERS", "REVISION", "metadata"}
"""What the schema says apart from its tables."""

Rule = Callable[[ast.AST], bool]
FILES: Final = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text())
    for path in sorted(PACKAGE.rglob("*.py"))
}


def test_only_the_doors_begin_and_end_transactions() -> None:
    """An operation that could commit could be half done."""
    assert _broken(lambda node: _called(node) in ENDINGS, apart_from=DOORS) == []


def test_sql_is_built_and_not_written() -> None:
    """Text of SQL is one engine's, and an invitation to put values into it."""

    def writes(node: ast.AST) -> bool:
        return _imports(node, "sqlalchemy", {"text"}) or _called(node) == "exec_driver_sql"

    assert _broken(writes, apart_from=DOORS) == []


def test_only_sql_builds_statements() -> None:
    """What is sent to the engines stands in `imagedb.sql`, and is read there."""
    places = _broken(lambda node: _imports(node, "sqlalchemy", STATEMENTS), apart_from=("sql/",))
    assert [place for place in places if not place.startswith(DOORS)] == []


def test_only_sql_names_tables() -> None:
    """Whoever runs a statement knows its parameters and what comes back, no more."""

    def names_a_table(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.ImportFrom)
            and str(node.module).startswith("imagedb.schema")
            and not {alias.name for alias in node.names} <= CONSTANTS
        )

    assert _broken(names_a_table, apart_from=("schema/", "sql/")) == []


def test_statements_run_nothing() -> None:
    """A builder that executed would hide a round trip."""
    running = {"execute", "scalar", "scalars", "connect"}
    assert _broken(lambda node: _called(node) in running, only=("sql/", "schema/")) == []


def test_nothing_is_asynchronous() -> None:
    """There is one way to call; a service runs it in threads."""
    kinds = (ast.AsyncFunctionDef, ast.Await, ast.AsyncWith, ast.AsyncFor)
    assert _broken(lambda node: isinstance(node, kinds), apart_from=LOOP) == []


def test_operations_take_their_connection_first() -> None:
    """Who reads a call sees whether it is part of a transaction."""

    def takes_it_later(node: ast.AST) -> bool:
        if not isinstance(node, ast.FunctionDef):
            return False
        names = [a.arg for a in node.args.args if a.arg not in {"self", "cls", "database"}]
        return "connection" in names[1:]

    assert _broken(takes_it_later) == []


def test_each_rule_looks_at_something() -> None:
    """A rule that finds nothing to look at holds for nothing."""
    assert {"deletion.py", "tags.py", "sql/images.py", "cli/app.py"} <= FILES.keys()
    assert _broken(lambda node: _called(node) in ENDINGS, only=DOORS) != []
    assert _broken(lambda node: _called(node) == "execute", apart_from=DOORS) != []
    assert _broken(lambda node: _imports(node, "sqlalchemy", STATEMENTS), only=("sql/",)) != []


def _broken(
    rule: Rule, *, only: tuple[str, ...] = ("",), apart_from: tuple[str, ...] = ()
) -> list[str]:
    """Where something is found, for who has to mend it."""
    return [
        f"{name}:{getattr(node, 'lineno', 0)}"
        for name, tree in FILES.items()
        if name.startswith(only) and not name.startswith(apart_from)
        for node in ast.walk(tree)
        if rule(node)
    ]


def _called(node: ast.AST) -> str:
    """The name of what is called; empty where nothing is."""
    called = node.func if isinstance(node, ast.Call) else None
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _imports(node: ast.AST, package: str, names: set[str]) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and str(node.module).startswith(package)
        and bool({alias.name for alias in node.names} & names)
    )
