"""Streams that would never end: who follows, and that the service is about to end."""

import threading
from typing import Final, Protocol

from imagedb.http.watching import Watch


class HasPosition(Protocol):
    """A follower, as far as its lag needs one."""

    position: int | None
    """None before it has seen anything."""


class Stopping:
    """That the service is about to end, for all who have to know."""

    def __init__(self) -> None:
        self._said = threading.Event()

    @property
    def is_near(self) -> bool:
        """Whether it was said."""
        return self._said.is_set()

    def say(self) -> None:
        """Let every stream end."""
        self._said.set()


class Followers:
    """Who follows events at the moment, by the position that each has come to."""

    def __init__(self) -> None:
        self._all: set[HasPosition] = set()
        self.watch: Final = Watch()

    def add(self, follower: HasPosition) -> None:
        """Begin to count one."""
        self._all.add(follower)

    def discard(self, follower: HasPosition) -> None:
        """Forget one."""
        self._all.discard(follower)

    def lags(self, last: int) -> list[int]:
        """By how much each is behind a position; one that has just come is behind nothing."""
        positions = [follower.position for follower in tuple(self._all)]
        return [0 if one is None else max(0, last - one) for one in positions]
