"""Workers who delete bytes: they claim releases, and say that they are done or give them back.

The leases are short, and clients are killed: what one has claimed is then another one's.
"""

from datetime import timedelta
from typing import Any, Final

from benchmarks.stress.dice import Dice
from benchmarks.stress.history import Arguments
from benchmarks.stress.operations import Kind, Operation, Session
from imagedb.records import Claim
from imagedb.releases import claim_releases, finish_releases, reset_claim


def _draw_claim(dice: Dice) -> Arguments:
    return dice.place() | {"limit": dice.random.randint(1, 30), "lease": dice.random.randint(1, 4)}


def _claim(session: Session, a: Arguments) -> Claim:
    lease = timedelta(seconds=a["lease"])
    claim = session.perform(claim_releases, a, limit=a["limit"], lease=lease)
    if claim.id:
        digests = [str(release.digest) for release in claim.releases]
        session.claims.append(_place(a) | {"claim": claim.id, "digests": digests})
    return claim


def _place(a: Arguments) -> Arguments:
    return {"namespace": a["namespace"], "host": a["host"]}


def _draw_finish(dice: Dice) -> Arguments:
    return {"share": 1.0 if dice.happens(0.7) else 0.5}


def _pick(session: Session, a: Arguments) -> Arguments | None:
    """Take the oldest claim that the client has; what is left of it is somebody else's."""
    if not session.claims:
        return None
    claim = session.claims.pop(0)
    count = int(len(claim["digests"]) * a.get("share", 1.0))
    return claim | {"digests": [] if count == len(claim["digests"]) else claim["digests"][:count]}


def _finish(session: Session, a: Arguments) -> Any:  # noqa: ANN401 - every answer is encoded
    return session.perform(finish_releases, a, a["claim"], a["digests"])


def _reset(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    return session.perform(reset_claim, a, a["claim"])


CLAIMS: Final = (
    Operation("claim", 6, Kind.WRITE, _draw_claim, _claim),
    Operation("done", 5, Kind.WRITE, _draw_finish, _finish, _pick),
    Operation("reset", 1, Kind.WRITE, lambda _: {}, _reset, _pick),
)
