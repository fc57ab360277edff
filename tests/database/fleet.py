"""A fleet that keeps every promise, and what a test needs to break one by hand."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest
from sqlalchemy import Executable, select, update

from imagedb import schema
from imagedb.checking import check_database
from imagedb.database import Database
from imagedb.digests import Digest, ImageID
from imagedb.namespaces import add_namespace
from tests.builders.images import Built, BuiltImage, an_attestation, an_image, an_index
from tests.builders.world import World

THEN: Final = datetime(2020, 1, 1, tzinfo=UTC)
UNKNOWN: Final = Digest.of(b"known to nobody")
BASE: Final = an_image("a")
APP: Final = an_image("ab")
ARM: Final = an_image("ac", platform="linux/arm64")
ABC: Final = an_image("abc")
BOTH: Final = an_index(ABC, ARM, an_attestation(APP), missing=[ARM])

broken: Final = pytest.mark.inconsistent


class Fleet(World):
    """Images, containers and a second namespace, all in order; then rows are changed by hand."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        database.write(lambda connection: add_namespace(connection, "other"))
        for built, name in ((BASE, "base:1"), (APP, "app:1"), (BOTH, "both:1")):
            self.add(built, name)
        self.container = self.run("app:1", mounts=["base:1"])

    def change(self, *statements: Executable) -> None:
        """Write what no operation writes."""
        self.database.write(lambda connection: [connection.execute(each) for each in statements])

    def find(self, column: Any, **where: object) -> Any:  # noqa: ANN401 - the column's
        """Read one value."""
        wanted = [column.table.c[name] == value for name, value in where.items()]
        with self.database.look() as connection:
            return connection.execute(select(column).where(*wanted)).scalar_one()

    def image(self, built: Built) -> int:
        """The number of an image."""
        return int(self.find(schema.image.c.id, digest=ImageID(built.digest)))

    def manifest(self, built: BuiltImage) -> int:
        """The number of a manifest."""
        return int(self.find(schema.manifest.c.id, digest=Digest(built.digest)))

    @property
    def elsewhere(self) -> int:
        """The number of the other namespace."""
        return int(self.find(schema.namespace.c.id, name="other"))

    def problems(self) -> list[str]:
        """What `db check` says."""
        with self.database.read() as connection:
            return list(check_database(connection))


def line_of(subject: Built | str) -> str:
    """How the line of an image or a container begins."""
    if isinstance(subject, str):
        return f"container {subject} of namespace default"
    return f"image {subject.digest} of namespace default"


def setting(table: Any, key: int, **values: object) -> Executable:  # noqa: ANN401 - typed tables
    """Change a row."""
    return update(table).where(table.c.id == key).values(**values)
