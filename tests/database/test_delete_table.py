"""The table of deletes, every row of it: `delete_table` says what is asked and what must happen."""

import pytest

from imagedb.database import Database
from imagedb.events import list_events
from imagedb.procedures import settle
from imagedb.records import CONTAINER_STATES
from tests.database.delete_table.expecting import expect
from tests.database.delete_table.playing import Scene, prepare
from tests.database.delete_table.reading import Block, read_containers, read_tables

BLOCKS = read_tables()


@pytest.mark.parametrize("block", [pytest.param(block, id=block.title) for block in BLOCKS])
def test_delete_does_what_the_table_says(database: Database, block: Block) -> None:
    """Records or conflicts in order, events, and what is there afterwards, are as written down."""
    scenes = [Scene(case, number) for number, case in enumerate(block.cases)]
    database.write(lambda connection: prepare(connection, scenes))
    settle(database)
    with database.look() as connection:
        position = list_events(connection, None)[-1].position

    told = {str(scene.case): scene.play(database, position) for scene in scenes}

    assert {str(scene.case): expect(scene) for scene in scenes} == told


def test_table_covers_what_a_delete_depends_on() -> None:
    """At least 500 cases, all different, with every state, way of naming and kind of mount."""
    cases = [case for block in BLOCKS for case in block.cases]
    questions = {
        (case.setting, case.given, case.platforms, case.containers, case.force, case.prune)
        for case in cases
    }
    used = [use for case in cases for use in read_containers(case.containers)]

    assert len(cases) == len(questions) >= 500
    assert {(use.kind, use.state) for use in used} >= {
        (kind, state) for kind in ("", "mount") for state in CONTAINER_STATES
    }
    assert {use.host for use in used} == {"here", "other"}
