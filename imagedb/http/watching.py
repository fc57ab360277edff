"""Whether something has happened: asked of the database once for all who follow events.

Whoever asks first after a moment looks; the others are told what was seen. Nothing runs while
nobody follows.
"""

import time
from typing import Final

from anyio.to_thread import run_sync

from imagedb.database import Database
from imagedb.events import get_last_position, give_positions

POLL_SECONDS: Final = 0.2
POSITION_SECONDS: Final = 5.0
"""How often events are seen to that a killed process left without position."""


class Watch:
    """The position behind which all is yet to come, no older than a moment."""

    def __init__(self) -> None:
        self._last = 0
        self._looked = self._positioned = float("-inf")
        self._is_looking = False

    async def position(self, database: Database) -> int:
        """Tell it; who comes while another looks is told what was seen before.

        Raises:
            ImageDBError: the database cannot be asked.
        """
        if not self._is_looking and time.monotonic() - self._looked >= POLL_SECONDS:
            self._is_looking = True
            try:
                self._last = await run_sync(self._look, database)
            finally:
                self._is_looking = False
        return self._last

    def _look(self, database: Database) -> int:
        began = time.monotonic()
        if began - self._positioned > POSITION_SECONDS:
            give_positions(database)
            self._positioned = began
        with database.look() as connection:
            last = get_last_position(connection)
        self._looked = began
        return last
