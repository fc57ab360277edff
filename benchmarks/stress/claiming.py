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
        contents = [(release.kind, str(release.digest)) for release in claim.releases]
        session.claims.append(_place(a) | {"claim": claim.id, "contents": contents})
    return claim


def _place(a: Arguments) -> Arguments:
    return {"namespace": a["namespace"], "host": a["host"]}


def _draw_finish(dice: Dice) -> Arguments:
    return {"whole": dice.happens(0.7)}


def _pick(session: Session, a: Arguments) -> Arguments | None:
    """Take the oldest claim that the client has, or a part of it: the rest is then another's."""
    if not session.claims:
        return None
    claim = session.claims.pop(0)
    kind = None if a["whole"] else claim["contents"][0][0]
    of_kind = [digest for known, digest in claim["contents"] if known == kind]
    asked = {"kind": kind, "digests": of_kind[: len(of_kind) // 2]}
    return {key: claim[key] for key in ("namespace", "host", "claim")} | asked


def _finish(session: Session, a: Arguments) -> Any:  # noqa: ANN401 - every answer is encoded
    return session.perform(finish_releases, a, a["claim"], a["digests"], kind=a["kind"])


def _reset(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    return session.perform(reset_claim, a, a["claim"])


CLAIMS: Final = (
    Operation("claim", 6, Kind.WRITE, _draw_claim, _claim),
    Operation("done", 5, Kind.WRITE, _draw_finish, _finish, _pick),
    Operation("reset", 1, Kind.WRITE, lambda _: {"whole": True}, _reset, _pick),
)
