"""Text from outside, made fit to be stored."""

from typing import Final

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """The text, with what no database stores (NUL, lone surrogates) replaced by U+FFFD."""
    clean = text.replace("\0", REPLACEMENT)
    return "".join(REPLACEMENT if _is_surrogate(c) else c for c in clean)


def _is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"
