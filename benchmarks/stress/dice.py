"""What a client draws: seeded, and out of the hot set, so that clients meet."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final, TypeVar

from benchmarks.stress.history import Arguments
from benchmarks.stress.population import Population

T = TypeVar("T")

CONTAINERS: Final = 3
"""Names of containers on each host."""
REPORTED: Final = 5
"""Containers that only a host's reports tell of."""
PREFIX: Final = len("sha256:") + 12


class Dice:
    """Draws for one client; a place is a namespace, and a host of it that asks."""

    def __init__(self, random: Random, population: Population) -> None:
        self.random = random
        self.population = population

    def one(self, choices: Sequence[T]) -> T:
        """Any of them."""
        return self.random.choice(choices)

    def hot(self, choices: Sequence[T]) -> T:
        """Any of them, the first ones oftener: half of all draws are of the first quarter."""
        return choices[int(len(choices) * self.random.random() ** 2)]

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self.random.random() < probability

    def place(self) -> Arguments:
        """Where something is asked for, and from which host."""
        namespace = self.one(self.population.namespaces)
        return {"namespace": namespace, "host": self.one(self.population.hosts(namespace))}

    def leased_place(self) -> Arguments:
        """The host of a namespace that gives signs of life; of the others none is ever stale."""
        namespace = self.one(self.population.namespaces)
        return {"namespace": namespace, "host": self.population.leased_host(namespace)}

    def name(self) -> str:
        """A name that any image may have."""
        return self.hot(self.population.names)

    def image(self) -> str:
        """An image by a name, by its ID or the beginning of it, or in one of the odder ways."""
        draw = self.random.random()
        if draw < 0.5:
            return self.name()
        image = self.hot(self.population.images)
        if draw < 0.75:
            return image
        if draw < 0.9:
            return image[:PREFIX]
        odd = self.one(self.population.repositories) if draw < 0.97 else "moby-dangling"
        return f"{odd}@{image}"

    def container(self) -> Arguments:
        """A container of a host, by its name there; or, oftener, one of those that there are."""
        pick = self.random.random() if self.happens(0.6) else None
        return self.place() | {"container": f"c{self.random.randrange(CONTAINERS)}", "pick": pick}

    def sources(self) -> list[dict[str, Any]]:
        """One or two sources with names of their own, some without."""
        known = range(len(self.population.sources))
        numbers = {self.hot(known) for _ in range(2 if self.happens(0.2) else 1)}
        names = self.random.sample(self.population.names, 4)
        return [{"source": number, "names": self._names(number, names)} for number in numbers]

    def _names(self, source: int, free: list[str]) -> list[str]:
        taken = [free.pop() for _ in range(self.one((0, 1, 1, 2)))]
        if self.happens(0.15):
            digest = self.population.sources[source].digest
            taken.append(f"{self.one(self.population.repositories)}@{digest}")
        return taken
