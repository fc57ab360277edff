"""`imagedb db`: the database's revision, and whether it keeps its promises."""

from pathlib import Path

import typer

from imagedb.cli.context import session_of
from imagedb.cli.options import Before, examples, new_group
from imagedb.cli.output import escape, say
from imagedb.moments import parse_age

app = new_group("Upgrade, check and tidy up the database.")


@app.command(epilog=examples("imagedb --url postgresql://db.example.com/images db upgrade"))
def upgrade(context: typer.Context) -> None:
    """Bring the database to this imagedb's revision; a SQLite file is copied first."""
    from imagedb.migrations import default_url
    from imagedb.migrations import upgrade as upgrade_database

    before, after = upgrade_database(session_of(context).url or default_url())
    if before == after:
        say(f"The database is at revision {escape(after)} already.")
    else:
        say(f"Upgraded from {escape(before or 'nothing')} to revision {escape(after)}.")


@app.command(epilog=examples("imagedb db current"))
def current(context: typer.Context) -> None:
    """Show the database's revision and this imagedb's."""
    from imagedb.migrations import current as current_revision
    from imagedb.migrations import head

    database = session_of(context).bare_database
    is_there = not database.is_sqlite or Path(database.url.database or "").exists()
    found = current_revision(database) if is_there else None  # looking would make the file
    say(f"database: {escape(found or 'none')}", f"imagedb:  {escape(head())}")


@app.command(epilog=examples("imagedb db check"))
def check(context: typer.Context) -> None:
    """Prove in SQL that what is stored is consistent; exit code 4 if it is not."""
    from imagedb.checking import check_database
    from imagedb.errors import InconsistentDatabaseError

    with session_of(context).database.read() as connection:
        problems = check_database(connection)
    if problems:
        raise InconsistentDatabaseError(problems)
    say("The database is consistent.")


@app.command(epilog=examples("imagedb db prune --before 7d"))
def prune(context: typer.Context, before: Before = "7d") -> None:
    """Forget the answers of old requests, in batches; prints how many.

    A request ID that is sent again after that is done again.
    """
    from imagedb.retention import prune_answers

    removed = prune_answers(session_of(context).database, before=parse_age(before))
    say(f"Removed: {removed}")
