r"""Templates: the small part of docker's `--format` that needs no expression language.

::

    template  := ["table "] (text | "{{" action "}}")*       \t and \n in text are tab and line feed
    action    := operand | function operand+
    operand   := "." | ("." name)+ | "string" | `string` | number
    function  := json | upper | lower | title | join | len | index | truncate

`table` alone, or nothing, is the command's own table; `json` is `{{json .}}`. Names are Go's: a
field that JSON writes in lower case may be capitalised.

Source: docker/cli, cli/command/formatter/formatter.go, templates/templates.go.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from imagedb.cli.output import escape, to_json
from imagedb.errors import InvalidTemplateError

_ACTION: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|[^\s"`]+', re.DOTALL)
_TOKENS: Final = re.compile(rf"\s*(?:{_TOKEN.pattern})(?:\s+(?:{_TOKEN.pattern}))*\s*", re.DOTALL)
_PATH: Final = re.compile(r"\.|(?:\.\w+)+")
_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
_OPEN: Final = frozenset({"Attributes", "Labels"})
"""Objects of any keys: Go prints `<no value>` where one is missing, and raises nothing."""
_SETTINGS: Final = frozenset(
    "Cmd Entrypoint Env ExposedPorts Healthcheck Labels OnBuild Shell StopSignal User Volumes "
    "WorkingDir".split()
)
"""What a config's `config` may hold and need not."""
_HELP: Final = (
    "imagedb reads {{.Field}}, {{json .}} and the functions "
    "json, upper, lower, title, join, len, index, truncate; for more, use --format json and jq"
)


@dataclass(frozen=True, slots=True)
class Field:
    """A path into the record; the empty one is the record itself."""

    names: tuple[str, ...]


Operand = Field | str | int


@dataclass(frozen=True, slots=True)
class Action:
    """What stands between braces; `function` is empty for a bare operand."""

    function: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: text and actions in turn."""

    parts: tuple[str | Action, ...]

    def render(self, record: Mapping[str, object]) -> str:
        """Fill in a record; values are escaped for the terminal, JSON by its own rules.

        Raises:
            InvalidTemplateError: a field is not there, or a function does not fit its value.
        """
        return "".join(
            part if isinstance(part, str) else _render(part, record) for part in self.parts
        )

    def render_header(self, headers: Mapping[str, str]) -> str:
        """Fill in the headings of the fields; functions leave them as they are."""
        return "".join(
            part if isinstance(part, str) else _heading(part, headers) for part in self.parts
        )


def parse_template(text: str, fields: Sequence[str] = ()) -> Template:
    """Read a template; with `fields`, refuse any other at once, before there is a record.

    Raises:
        InvalidTemplateError: it is outside the supported part, or names an unknown field.
    """
    parts: list[str | Action] = []
    for number, piece in enumerate(_ACTION.split(text)):
        if number % 2:
            parts.append(_parse_action(piece, fields))
        elif "{{" in piece:
            raise InvalidTemplateError(f"template parsing error: unclosed action; {_HELP}")
        else:
            parts.append(piece.replace(r"\t", "\t").replace(r"\n", "\n"))
    return Template(tuple(parts))


def _parse_action(text: str, fields: Sequence[str]) -> Action:
    if not _TOKENS.fullmatch(text):
        raise _unsupported(text)
    tokens = _TOKEN.findall(text)
    function = tokens.pop(0) if _WORD.fullmatch(tokens[0]) else ""
    if (function and function not in _FUNCTIONS) or (not function and len(tokens) != 1):
        raise _unsupported(text)
    operands = tuple(_parse_operand(token, text) for token in tokens)
    for operand in operands:
        if fields and isinstance(operand, Field) and operand.names:
            _check_field(operand.names[0], fields)
    return Action(function, operands)


def _parse_operand(token: str, action: str) -> Operand:
    if _PATH.fullmatch(token):
        return Field(tuple(filter(None, token.split("."))))
    if token.startswith("`"):
        return token[1:-1]
    if _NUMBER.fullmatch(token):
        return int(token)
    try:
        text = json.loads(token)
    except ValueError:
        text = None
    if not isinstance(text, str):
        raise _unsupported(action)
    return text


def _unsupported(action: str) -> InvalidTemplateError:
    return InvalidTemplateError(f"template parsing error in {{{{{action.strip()}}}}}: {_HELP}")


def _check_field(name: str, fields: Sequence[str]) -> None:
    if name not in fields and _uncapitalised(name) not in fields:
        known = ", ".join(fields) or "none"
        raise InvalidTemplateError(f"unknown field .{name} in --format; the fields are: {known}")


def _uncapitalised(name: str) -> str:
    return name[:1].lower() + name[1:]


def _render(action: Action, record: Mapping[str, object]) -> str:
    values = [_value(operand, record) for operand in action.operands]
    if not action.function:
        return escape(_format(values[0]))
    try:
        result = _FUNCTIONS[action.function](*values)
    except (TypeError, ValueError, LookupError, AttributeError):
        raise InvalidTemplateError(
            f"--format: {action.function} does not fit what it was given; {_HELP}"
        ) from None
    return str(result) if action.function == "json" else escape(_format(result))


def _value(operand: Operand, record: Mapping[str, object]) -> object:
    if not isinstance(operand, Field):
        return operand
    value: object = record
    for above, name in zip(("", *operand.names), operand.names, strict=False):
        inside = value if isinstance(value, Mapping) else {}
        is_optional = above in _OPEN or (above == "Config" and name in _SETTINGS)
        if is_optional and name not in inside:
            return None
        _check_field(name, tuple(inside))
        value = inside[name] if name in inside else inside[_uncapitalised(name)]
    return value


def _heading(action: Action, headers: Mapping[str, str]) -> str:
    fields = [operand for operand in action.operands if isinstance(operand, Field)]
    return (
        " ".join(headers[field.names[-1]] for field in fields if field.names[-1:]) or "<no value>"
    )


def _format(value: object) -> str:
    """Write a value as Go prints it."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{k}:{_format(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + " ".join(map(_format, value)) + "]"
    return str(value)


def _title(text: str) -> str:
    return re.sub(r"\b\w", lambda match: match[0].upper(), text)


def _join(values: Sequence[str], separator: str) -> str:
    return separator.join(values)


def _index(value: Any, *keys: Any) -> object:  # noqa: ANN401 - whatever JSON holds
    for key in keys:
        value = value.get(key, "") if isinstance(value, Mapping) else value[key]
    return value


def _truncate(text: str, length: int) -> str:
    return text[:length]


_FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "json": to_json,
    "upper": str.upper,
    "lower": str.lower,
    "title": _title,
    "join": _join,
    "len": len,
    "index": _index,
    "truncate": _truncate,
}
