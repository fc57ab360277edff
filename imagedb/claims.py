"""What claims were made of: kept, since the rows of what is withdrawn are gone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

from sqlalchemy import Connection

from imagedb.digests import Digest
from imagedb.errors import ClaimNotFoundError
from imagedb.records import Namespace, Release
from imagedb.sql import releases as sql

Content = tuple[str, Digest]
"""Its kind, and its digest."""


@dataclass(frozen=True, slots=True)
class Members:
    """The releases that a claim held at first, the oldest first, and which of them are done."""

    namespace: str
    releases: tuple[Content, ...]
    done: frozenset[Content] = frozenset()

    @classmethod
    def of(cls, namespace: Namespace, releases: Iterable[Release]) -> Self:
        """Begin a claim."""
        return cls(namespace.name, tuple((each.kind, each.digest) for each in releases))

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        releases = tuple((kind, Digest(digest)) for kind, digest in stored["releases"])
        done = frozenset((kind, Digest(digest)) for kind, digest in stored["done"])
        return cls(stored["namespace"], releases, done)

    def to_json(self) -> dict[str, Any]:
        """Write it down."""
        done = sorted(map(list, self.done))
        return {
            "namespace": self.namespace,
            "releases": list(map(list, self.releases)),
            "done": done,
        }

    def with_done(self, releases: Iterable[Release]) -> Self:
        """Note that more of it is done."""
        return replace(self, done=self.done | {(each.kind, each.digest) for each in releases})

    @property
    def left(self) -> list[Content]:
        """What is not done."""
        return [each for each in self.releases if each not in self.done]

    @property
    def digests(self) -> set[Digest]:
        """Everything that it held at first."""
        return {digest for _, digest in self.releases}


def add_members(connection: Connection, claim: str, members: Members) -> None:
    """Keep what a claim is made of."""
    values = {"arguments": Digest.of(claim.encode()), "answer": members.to_json()}
    connection.execute(sql.add_claim, values | {"claim": claim})


def set_members(connection: Connection, claim: str, members: Members) -> None:
    """Keep what became of it; behind its lock."""
    connection.execute(sql.set_claim, {"claim": claim, "answer": members.to_json()})


def lock_members(connection: Connection, namespace: Namespace, claim: str) -> Members:
    """Lock what a claim is made of, so that those who finish it or give it back follow one another.

    Raises:
        ClaimNotFoundError: the namespace knows no such claim.
    """
    row = connection.execute(sql.lock_claim, {"claim": claim}).first()
    members = Members.from_json(row.answer) if row else None
    if members is None or members.namespace != namespace.name:
        raise ClaimNotFoundError(claim)
    return members
