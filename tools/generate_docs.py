"""Write the documents that are made from the code.

Usage: python tools/generate_docs.py [FOLDER]

FOLDER is `docs` unless given; `check_docs.py` gives another and compares. What is written depends
on the code alone: not on the terminal, the environment or the day.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer.main
from typer.testing import CliRunner

from imagedb.cli.app import app
from imagedb.cli.container_rows import CONTAINERS
from imagedb.cli.content_rows import CLAIM_FIELDS, RELEASES
from imagedb.cli.events import FIELDS
from imagedb.cli.exits import DEFECT, EXIT_CODES
from imagedb.cli.hosts import HOSTS, NAMESPACES
from imagedb.cli.image_rows import HISTORY, IMAGES
from imagedb.cli.lineage import RELATIVES
from imagedb.errors import ImageDBError
from imagedb.http.api.app import create_api
from imagedb.plan_documents import PlanDocument

INTRODUCTION = """\
# The command line

Made from the code by `make docs`; `make check` holds it in step. What is printed follows docker 28,
and everything that comes from outside (names, labels, errors) is escaped for the terminal.
"""
FORMATS = """\
## `--format`

docker's templates, without an expression language: `{{.Field}}`, `{{.Field.Inner}}`, text, `\\t`
and `\\n`, and the functions `json`, `upper`, `lower`, `title`, `join`, `len`, `index`, `truncate`.
`json` alone is `{{json .}}`, `table TEMPLATE` prints headings above aligned columns. The fields:

"""
EXITS = """\
## Exit codes

| code | when |
|---|---|
"""
BESIDES: Mapping[type[BaseException], str] = {
    KeyboardInterrupt: "Interrupted; what was not finished was not done.",
    BrokenPipeError: "Who read the output went away.",
    OSError: "A file cannot be read, or the output cannot be written.",
    UnicodeEncodeError: "An argument is not valid UTF-8.",
}


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - Typer does not publish the class
    """Give the words that lead to each group and command, in the order of the help."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from walk(inner, (*path, name))


def help_section(path: Sequence[str]) -> str:
    """Show what `--help` prints."""
    runner = CliRunner()  # as if on a terminal of 80 columns, whatever ours is
    shown = runner.invoke(app, [*path, "--help"], prog_name="imagedb", catch_exceptions=False)
    heading = " ".join(["imagedb", *path])
    text = "\n".join(line.rstrip() for line in shown.output.splitlines())
    return f"## `{heading}`\n\n```text\n{text}\n```\n"


def fields_section() -> str:
    """List what templates may name."""
    fields = {
        "image ls": IMAGES.headers,
        "image history": HISTORY.headers,
        "image parents, children, base": RELATIVES.headers,
        "container ls": CONTAINERS.headers,
        "content ls": RELEASES.headers,
        "content claim": CLAIM_FIELDS,
        "host ls": HOSTS.headers,
        "namespace ls": NAMESPACES.headers,
        "events": FIELDS,
    }
    rows = "".join(
        f"| `{command}` | {', '.join(f'`{name}`' for name in names)} |\n"
        for command, names in fields.items()
    )
    return f"{FORMATS}| command | fields |\n|---|---|\n{rows}"


def exits_section() -> str:
    """List the exit codes, with the first line of each error's docstring."""
    rows = {
        0: ["Done."],
        2: ["The command line cannot be read."],
        DEFECT: ["A defect of imagedb; `IMAGEDB_DEBUG=1` shows where."],
    }
    for error, code in EXIT_CODES.items():
        is_ours = issubclass(error, ImageDBError)
        when = (error.__doc__ or "").splitlines()[0] if is_ours else BESIDES[error]
        rows.setdefault(code, []).append(when)
    return EXITS + "".join(f"| {code} | {' '.join(rows[code])} |\n" for code in sorted(rows))


def cli_document() -> str:
    """Write the reference of the command line."""
    helps = [help_section(path) for path in walk(typer.main.get_command(app))]
    return "\n".join([INTRODUCTION, *helps, fields_section(), exits_section()])


def plan_schema() -> str:
    """Write the JSON schema of a plan, which `image rm --dry-run --out` keeps."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PlanDocument.model_json_schema(),
    }
    return json.dumps(schema, indent=2) + "\n"


def api_document() -> str:
    """Write the OpenAPI document of our own API, as the service gives it."""
    return json.dumps(create_api().openapi(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write every document."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parents[1] / "docs"
    (folder / "cli.md").write_text(cli_document(), encoding="utf-8")
    (folder / "openapi.json").write_text(api_document(), encoding="utf-8")
    (folder / "plan.schema.json").write_text(plan_schema(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
