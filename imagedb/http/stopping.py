"""The end of the service: streams that would never end hear of it."""

import threading


class Stopping:
    """Whether the service is about to end."""

    def __init__(self) -> None:
        self._said = threading.Event()

    def __bool__(self) -> bool:
        return self._said.is_set()

    def say(self) -> None:
        """Let every stream end."""
        self._said.set()
