"""What Go's `path.Match` says, thought through anew: what our patterns are compared with.

A pattern is pieces between stars, and a piece is tests of one character each. From the left every
piece takes the first place where it fits, and keeps it; the last one must end the name. What a
star stands for has no slash; a class (`[^a]`) may match one.
"""

from collections import deque
from collections.abc import Callable

Test = Callable[[str], bool]
Piece = tuple[bool, list[Test]]
"""Whether a star stands before it, and its tests."""


def go_match(pattern: str, name: str) -> bool:
    """Whether a pattern matches a name; a malformed one is a SyntaxError, whatever the name."""
    pieces = _read_pieces(deque(pattern))
    for number, (star, tests) in enumerate(pieces, start=1):
        left = _find(tests, name, star=star, is_last=number == len(pieces))
        if left is None:
            return False
        name = left
    return not name


def _find(tests: list[Test], name: str, *, star: bool, is_last: bool) -> str | None:
    """What is behind the first place where a piece fits."""
    for start in range(len(name) + 1):
        if start and (not star or name[start - 1] == "/"):
            return None
        left = name[start + len(tests) :]
        if _fits(tests, name[start:]) and not (is_last and left):
            return left
    return None


def _fits(tests: list[Test], name: str) -> bool:
    return len(name) >= len(tests) and all(
        test(sign) for test, sign in zip(tests, name, strict=False)
    )


# ── reading a pattern ─────────────────────────────────────────────────────────────────────────


def _read_pieces(signs: deque[str]) -> list[Piece]:
    pieces: list[Piece] = [(False, [])]
    while signs:
        sign = signs.popleft()
        if sign == "*":
            pieces.append((True, []))
        else:
            pieces[-1][1].append(_read_test(sign, signs))
    # of several stars in a row one is enough
    return [piece for piece in pieces[:-1] if piece != (True, [])] + pieces[-1:]


def _read_test(sign: str, signs: deque[str]) -> Test:
    if sign == "?":
        return lambda character: character != "/"
    if sign == "[":
        return _read_class(signs)
    if sign == "\\":
        signs.appendleft(sign)
        wanted = _take(signs)
        return lambda character: character == wanted
    return lambda character: character == sign


def _read_class(signs: deque[str]) -> Test:
    is_negated = bool(signs) and signs[0] == "^"
    if is_negated:
        signs.popleft()
    ranges: list[tuple[str, str]] = []
    while not (ranges and signs and signs[0] == "]"):
        low = high = _take(signs)
        if signs and signs[0] == "-":
            signs.popleft()
            high = _take(signs)
        ranges.append((low, high))
    signs.popleft()
    return lambda character: any(a <= character <= b for a, b in ranges) != is_negated


def _take(signs: deque[str]) -> str:
    """A character, or what an escape stands for."""
    if not signs or signs[0] in "-]":
        raise SyntaxError
    sign = signs.popleft()
    if sign != "\\":
        return sign
    if not signs:
        raise SyntaxError
    return signs.popleft()
