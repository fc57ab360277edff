"""Section 11 of the semantics: holds, of which an image may have several."""

from imagedb.records import Conflict, ConflictKind, Hold
from tests.model.resolving import Found, How, resolve
from tests.model.stores import CLOCK, Asking, Refused, Store


def hold(store: Store, asking: Asking, text: str, *, reason: str, number: object) -> object:
    """Hold an image; the hold's number is the database's."""
    found = resolve(store, text)
    assert isinstance(number, int)
    new = Hold(number, asking.who, reason, held=CLOCK, until=None, is_overdue=False)
    store.holds.setdefault(found.image, []).append(new)
    _tell(store, asking, "create", found, new)
    return number


def lift(
    store: Store, asking: Asking, text: str, *, number: int | None, every: bool
) -> tuple[int, ...]:
    """Lift the only hold, or the one of a number, or all."""
    found = resolve(store, text)
    holds = store.holds.get(found.image, [])
    lifted = [one for one in holds if number in {None, one.key}]
    if not lifted:
        which = "" if number is None else f" {number}"
        message = f"No such hold{which} on image {text} (see `imagedb hold ls`)"
        raise Refused("HoldNotFoundError", message)
    if len(lifted) > 1 and not every:
        message = f"image {text} has {len(lifted)} holds: say which to lift with --id, or --all"
        raise Refused("AmbiguousHoldError", message)
    if left := [one for one in holds if one not in lifted]:
        store.holds[found.image] = left
    else:
        del store.holds[found.image]
    for one in lifted:
        _tell(store, asking, "destroy", found, one)
    return tuple(one.key for one in lifted)


def hold_conflicts(store: Store, found: Found) -> list[Conflict]:
    """A hold refuses whatever would delete the image, by whatever name it was meant."""
    return [
        Conflict(
            kind=ConflictKind.HOLD,
            is_hard=True,
            subject=found.image.short,
            message=f"image is held by {one.who}: {one.reason}",
            hold=one,
        )
        for one in store.holds.get(found.image, [])
    ]


def _tell(store: Store, asking: Asking, action: str, found: Found, one: Hold) -> None:
    is_named = found.how is How.NAME and found.reference
    name = found.reference.familiar if is_named and found.reference else found.image
    told = {"hold": str(one.key), "reason": one.reason}
    store.tell(asking, "hold", action, found.image, name, told)
