"""imagedb: an SQL-backed metadata service for container images.

Open a database, and store what an archive holds:

>>> from pathlib import Path
>>> import imagedb
>>> database = imagedb.open_database("sqlite:///fleet.db")
>>> me = imagedb.Caller(who="ops@example.com", host="web-1")
>>> images = imagedb.read_source(Path("app.oci"))
>>> [app] = imagedb.perform(database, imagedb.import_images, "default", me, images)
>>> app.names
('shop/web:2.1', 'shop/web:stable')

Operations that read take a connection and a namespace:

>>> with database.read() as connection:
...     store = imagedb.get_namespace(connection, "default")
...     for image in imagedb.list_images(connection, store):
...         print(image.id.short, *image.names)
9d8d0cbb0c1e shop/web:2.1 shop/web:stable

Operations that write are given to `perform`, each with a `Caller` of its own: it runs them in one
transaction, keeps the answer under the caller's request ID, and tidies up after the commit:

>>> me = imagedb.Caller(who="ops@example.com", host="web-1")
>>> imagedb.perform(database, imagedb.delete_image, "default", me, "shop/web:stable")
(Untagged(name='shop/web:stable'),)
>>> database.close()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagedb.checking import check_database
    from imagedb.collecting import collect
    from imagedb.container_names import rename_container
    from imagedb.container_requests import (
        create_container,
        kill_container,
        pause_container,
        remove_container,
        restart_container,
        start_container,
        stop_container,
        unpause_container,
    )
    from imagedb.containers import list_containers
    from imagedb.content import sweep
    from imagedb.database import Database
    from imagedb.deletion import delete_image
    from imagedb.errors import ImageDBError, ImageInUseError, NotFoundError
    from imagedb.events import list_events
    from imagedb.filters import PruneFilters
    from imagedb.hold_requests import add_hold, delete_hold
    from imagedb.holds import list_holds
    from imagedb.host_removal import delete_host
    from imagedb.hosts import add_host, list_hosts
    from imagedb.images import get_image, list_images
    from imagedb.importing import import_images
    from imagedb.inspection import get_history, inspect_image
    from imagedb.lineage import find_base, list_children, list_parents
    from imagedb.migrations import open_database
    from imagedb.namespaces import (
        add_namespace,
        delete_namespace,
        get_namespace,
        list_namespaces,
    )
    from imagedb.plan_documents import PlanDocument, parse_plan
    from imagedb.planning import apply_plan, plan_delete, plan_prune
    from imagedb.platforms import Platform, parse_platform
    from imagedb.procedures import keep_alive, perform
    from imagedb.pruning import prune_images
    from imagedb.records import Caller
    from imagedb.references import Reference, parse_reference
    from imagedb.releases import claim_releases, finish_releases, list_releases, reset_claim
    from imagedb.reports import report_containers
    from imagedb.retention import prune_answers, prune_done_releases, prune_events
    from imagedb.sources import read_source, read_stream
    from imagedb.tags import tag_image
    from imagedb.trees import get_tree

__version__ = "0.1.0"

_HOMES = {
    "Caller": "records",
    "Database": "database",
    "ImageDBError": "errors",
    "ImageInUseError": "errors",
    "NotFoundError": "errors",
    "PlanDocument": "plan_documents",
    "Platform": "platforms",
    "PruneFilters": "filters",
    "Reference": "references",
    "add_hold": "hold_requests",
    "add_host": "hosts",
    "add_namespace": "namespaces",
    "apply_plan": "planning",
    "check_database": "checking",
    "claim_releases": "releases",
    "collect": "collecting",
    "create_container": "container_requests",
    "delete_hold": "hold_requests",
    "delete_host": "host_removal",
    "delete_image": "deletion",
    "delete_namespace": "namespaces",
    "find_base": "lineage",
    "finish_releases": "releases",
    "get_history": "inspection",
    "get_image": "images",
    "get_namespace": "namespaces",
    "get_tree": "trees",
    "import_images": "importing",
    "inspect_image": "inspection",
    "keep_alive": "procedures",
    "kill_container": "container_requests",
    "list_children": "lineage",
    "list_containers": "containers",
    "list_events": "events",
    "list_holds": "holds",
    "list_hosts": "hosts",
    "list_images": "images",
    "list_namespaces": "namespaces",
    "list_parents": "lineage",
    "list_releases": "releases",
    "open_database": "migrations",
    "parse_plan": "plan_documents",
    "parse_platform": "platforms",
    "parse_reference": "references",
    "pause_container": "container_requests",
    "perform": "procedures",
    "plan_delete": "planning",
    "plan_prune": "planning",
    "prune_answers": "retention",
    "prune_done_releases": "retention",
    "prune_events": "retention",
    "prune_images": "pruning",
    "read_source": "sources",
    "read_stream": "sources",
    "remove_container": "container_requests",
    "rename_container": "container_names",
    "report_containers": "reports",
    "reset_claim": "releases",
    "restart_container": "container_requests",
    "start_container": "container_requests",
    "stop_container": "container_requests",
    "sweep": "content",
    "tag_image": "tags",
    "unpause_container": "container_requests",
}
"""The public names and the modules they live in: imported when first used, so that
`imagedb --version` does not pay for SQLAlchemy."""

__all__ = [  # noqa: PLE0604 - the names above are strings
    "__version__",
    *sorted(_HOMES),
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module may hold anything
    """Import a public name at its first use."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'imagedb' has no attribute {name!r}")
    value = getattr(import_module(f"imagedb.{home}"), name)
    globals()[name] = value
    return value
