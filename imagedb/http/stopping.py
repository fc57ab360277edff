"""The end of the service: streams that would never end hear of it."""

import threading


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
