"""How revisions run, for `alembic` and for `imagedb db upgrade` alike.

All of them in one transaction, under the rules of `imagedb.migrations.begin`.
"""

import contextlib
import logging

from alembic import context

from imagedb import migrations, schema
from imagedb.checking import check_database
from imagedb.errors import InconsistentDatabaseError


def migrate() -> None:
    """Run the command's revisions and commit them, or nothing."""
    config = context.config
    if config.config_file_name:  # the command `alembic`
        logging.basicConfig(format="%(message)s")
        logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)
    url = config.attributes.get("url") or migrations.default_url()
    goal = destination()
    with migrations.begin(url, goal=goal) as (connection, revision):
        config.attributes["revision_before"] = revision
        context.configure(
            connection=connection,
            target_metadata=schema.metadata,
            compare_server_default=connection.dialect.name != "sqlite",  # it knows no identity
            render_as_batch=True,
        )
        # The report views, which are no revision, will be dropped here ...
        context.run_migrations()
        # ... and created here: a view forbids changing the tables it reads.
        if revision is not None and goal == schema.REVISION:
            require_consistency()


def destination() -> str | None:
    """Tell the revision that `upgrade` or `downgrade` goes to; None for commands that only look."""
    with contextlib.suppress(KeyError):
        return str(context.get_revision_argument() or "base")
    return None


def require_consistency() -> None:
    """Undo a migration that broke what imagedb promises."""
    problems = check_database(context.get_bind())
    if problems:
        raise InconsistentDatabaseError(problems)


migrate()
