"""Signals as docker's users name them: `KILL`, `SIGKILL`, `9`.

Source: moby/sys, signal/signal.go, `ParseSignal`.
"""

import re
import signal
from typing import Final

from imagedb.errors import InvalidInputError

KILL: Final = 9
PASSED_ON: Final = frozenset(
    {
        signal.SIGCHLD,
        signal.SIGCONT,
        signal.SIGHUP,
        signal.SIGURG,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGWINCH,
    }
)
"""Those that tell a process something and usually do not end it."""
_FIRST, _LAST = 34, 64
_NUMBERS: Final = {
    **{
        name.removeprefix("SIG"): int(number) for name, number in signal.Signals.__members__.items()
    },
    **{f"RTMIN+{n}": _FIRST + n for n in range(1, 16)},
    **{f"RTMAX-{n}": _LAST - n for n in range(1, 15)},
}
_ANY: Final = re.compile(r"[1-9]\d{0,2}", re.ASCII)


def parse_signal(text: str) -> int:
    """Read a signal's name or number.

    Raises:
        InvalidInputError: it is none.
    """
    if _ANY.fullmatch(text):
        return int(text)
    number = _NUMBERS.get(text.upper().removeprefix("SIG"))
    if number is None:
        raise InvalidInputError(f"invalid signal: {text[:80]}")
    return number
