"""Hold the budget: no function over 40 body lines, no module over 400 lines.

Usage: python tools/check_sizes.py FOLDER...

A body is counted without signature and docstring, since words are not what makes a function long.
The largest are printed even when all is well, so that growth is seen before it hurts.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

LONGEST_BODY = 40
LONGEST_MODULE = 400
SHOWN = 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Size(NamedTuple):
    """How many lines something has, and where it stands."""

    lines: int
    place: str


def first_line(statement: ast.stmt) -> int:
    """Find where a statement begins, decorators included."""
    decorators: list[ast.expr] = []
    if isinstance(statement, Function | ast.ClassDef):
        decorators = statement.decorator_list
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def body_lines(function: Function) -> int:
    """Count from the first statement after the docstring to the end."""
    documented = ast.get_docstring(function, clean=False) is not None
    body = function.body[1:] if documented else function.body
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - first_line(body[0]) + 1


def function_sizes(path: Path, tree: ast.Module) -> Iterator[Size]:
    """Measure every function of a module, nested ones and methods too."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield Size(body_lines(node), f"{path}:{node.lineno} {node.name}")


def measure(paths: Iterable[Path]) -> tuple[list[Size], list[Size]]:
    """Give the sizes of all functions and of all modules, largest first."""
    functions: list[Size] = []
    modules: list[Size] = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        modules.append(Size(len(text.splitlines()), str(path)))
        functions.extend(function_sizes(path, ast.parse(text, filename=str(path))))
    return sorted(functions, reverse=True), sorted(modules, reverse=True)


def report(kind: str, sizes: list[Size], limit: int) -> int:
    """Print the largest, then one line per violation; count the violations."""
    print(f"longest of {len(sizes)} {kind} (limit {limit} lines):")
    for size in sizes[:SHOWN]:
        print(f"  {size.lines:4} {size.place}")
    over = [size for size in sizes if size.lines > limit]
    for size in over:
        print(f"{size.place}: {size.lines} lines, the limit is {limit}: split it", file=sys.stderr)
    return len(over)


def main(folders: list[str]) -> int:
    """Check the folders that exist; 1 if anything is too long or nothing was found."""
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    if not paths:
        print("check_sizes: no Python file in: " + " ".join(folders), file=sys.stderr)
        return 1
    functions, modules = measure(paths)
    over = report("functions", functions, LONGEST_BODY) + report("modules", modules, LONGEST_MODULE)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
