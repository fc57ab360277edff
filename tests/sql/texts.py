"""The text of each public statement of `imagedb.sql`, per engine, laid out for readers."""

import re
import textwrap
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from imagedb.sql.events import events_between
from tests.sql.statements import statements

DIALECTS: Final[dict[str, Dialect]] = {
    "postgresql": PGDialect_psycopg(paramstyle="named"),  # type: ignore[no-untyped-call]
    "sqlite": SQLiteDialect_pysqlite(paramstyle="named"),
}
ONE_ENGINE: Final = {
    "events.lock_positions": "postgresql",
    "events.position_events": "postgresql",
    "events.position_events_by_id": "sqlite",
}
"""Statements that the other engine never sees."""
_A_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
BUILT: Final[dict[str, ClauseElement]] = {
    "events.events_between": events_between(namespace="n", since=_A_MOMENT, until=_A_MOMENT),
}
"""What builder functions make, with all that they can add."""
CHECKS: Final = "checks."
"""The names of the statements of `db check`, which are parts of others, begin so."""

_CLAUSES: Final = (
    "SELECT|FROM|(?:LEFT OUTER )?JOIN|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|UNION(?: ALL)?"
    "|SET|VALUES|ON CONFLICT|RETURNING|FOR (?:NO KEY )?(?:KEY )?(?:UPDATE|SHARE)"
)
_BREAKS: Final = re.compile(rf"(?<!DELETE)(?<!DISTINCT) (?=(?:{_CLAUSES})\b)")
_ANDS: Final = re.compile(r" (?=AND\b)")
_PIECES: Final = re.compile(r"('(?:[^']|'')*'|[()])")
_LISTED: Final = re.compile(r"__\[POSTCOMPILE_(\w+)\]")


def texts() -> dict[str, str]:
    """All texts, by `module.name.engine`."""
    kept = {n: s for n, s in statements().items() if not n.startswith(CHECKS)} | BUILT
    return {
        f"{name}.{engine}": text_of(statement, engine)
        for name, statement in kept.items()
        for engine in DIALECTS
        if ONE_ENGINE.get(name, engine) == engine
    }


def text_of(statement: ClauseElement, engine: str) -> str:
    """What the engine is sent; parameters by name."""
    compiled = str(statement.compile(dialect=DIALECTS[engine]))
    return laid_out(_LISTED.sub(r":\1", compiled))


def laid_out(sql: str) -> str:
    """One line for each clause, deeper for queries in parentheses."""
    pieces = _PIECES.split(" ".join(sql.split()))
    out: list[str] = []
    queries = [True]  # of each open parenthesis: does it hold a query?
    for number, piece in enumerate(pieces):
        margin = "\n" + "    " * (sum(queries) - 1)
        if piece == "(":
            inside = "".join(pieces[number + 1 :]).lstrip("( ")
            queries.append(inside.startswith(("SELECT", "WITH")))
            out.append("(" + (margin + "    " if queries[-1] else ""))
        elif piece == ")":
            out.append((margin[:-4] if queries.pop() else "") + ")")
        elif queries[-1] and not piece.startswith("'"):
            out.append(_ANDS.sub(margin + "  ", _BREAKS.sub(margin, piece)))
        else:
            out.append(piece)
    return "".join(_wrapped(line) + "\n" for line in "".join(out).splitlines())


def _wrapped(line: str) -> str:
    margin = line[: len(line) - len(line.lstrip())] + "    "
    return textwrap.fill(
        line.rstrip(),
        width=100,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
