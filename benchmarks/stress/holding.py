"""Holds, hosts that give signs of life, and hosts that are removed."""

from typing import Any, Final

from benchmarks.stress.dice import Dice
from benchmarks.stress.history import Arguments
from benchmarks.stress.operations import Kind, Operation, Session
from imagedb.hold_requests import add_hold, delete_hold
from imagedb.holds import list_holds
from imagedb.host_removal import delete_host
from imagedb.procedures import keep_alive


def _an_image(dice: Dice) -> Arguments:
    return dice.place() | {"image": dice.image()}


def _hold(session: Session, a: Arguments) -> Any:  # noqa: ANN401 - every answer is encoded
    return session.perform(add_hold, a, a["image"], reason="stress")


def _lift(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    return session.perform(delete_hold, a, a["image"], all=True)


def _holds(session: Session, a: Arguments) -> int:
    return len(session.read(list_holds, a))


def _draw_leased(dice: Dice) -> Arguments:
    return dice.leased_place() | {"lease": 1}


def _heartbeat(session: Session, a: Arguments) -> None:
    keep_alive(
        session.database, a["namespace"], session.caller(a), a["host"], lease_seconds=a["lease"]
    )


def _draw_removal(dice: Dice) -> Arguments:
    return (dice.leased_place() if dice.happens(0.7) else dice.place()) | {
        "force": dice.happens(0.7)
    }


def _remove_host(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    return session.perform(delete_host, a, a["host"], force=a["force"])


HOLDS: Final = (
    Operation("hold", 2, Kind.WRITE, _an_image, _hold),
    Operation("lift", 4, Kind.WRITE, _an_image, _lift),
    Operation("holds", 1, Kind.OTHER, lambda dice: dice.place(), _holds),
    Operation("heartbeat", 2, Kind.UNKEPT, _draw_leased, _heartbeat),
    Operation("host rm", 0.7, Kind.WRITE, _draw_removal, _remove_host),
)
