"""Lists: docker's tables, its `--format` and its `-q`, over rows of named fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from imagedb.cli.output import align
from imagedb.cli.templates import parse_template

NONE: Final = "<none>"
_TABLE: Final = "table"
_JSON: Final = "{{json .}}"

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Listing:
    """What can be listed of one kind of thing."""

    headers: Mapping[str, str]
    """The heading of every field that a template may name."""
    columns: tuple[str, ...]
    """The fields of the table."""
    identity: str = "ID"
    """The field that `-q` prints."""

    def lines(self, rows: Iterable[Row], format: str | None, *, quiet: bool = False) -> list[str]:  # noqa: A002 - the option's name
        """Lay the rows out as the two options ask; a format of one's own goes before `quiet`.

        Raises:
            InvalidTemplateError: the format is outside the supported part, or names no field.
        """
        text = (format or _TABLE).strip(" ")
        if text == _TABLE and quiet:
            text = f"{{{{.{self.identity}}}}}"
        if not text.startswith(_TABLE):
            template = parse_template(_JSON if text == "json" else text, tuple(self.headers))
            return [template.render(row) for row in rows]
        columns = text.removeprefix(_TABLE).strip(" ") or self._table
        template = parse_template(columns, tuple(self.headers))
        header = template.render_header(self.headers)
        return align([header, *map(template.render, rows)])

    @property
    def _table(self) -> str:
        return r"\t".join(f"{{{{.{column}}}}}" for column in self.columns)
