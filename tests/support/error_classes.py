"""Exception classes of the project, read from the source, and their list in docs/errors.md.

`python -m tests.support.error_classes > docs/errors.md` writes the list.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.project_files import ROOT, project_files

BUILT_IN = ("Exception", "BaseException", "AssertionError", "ValueError", "RuntimeError", "TypeError")
ROOT_ERRORS = ("Poison", "Transient", "Fatal", "UserError")
OUTSIDE = ("tests", "benchmarks")
DERIVED_CLASS = re.compile(r"^\s*class \w+[\[(]", re.MULTILINE)
EXIT_CODES = {"EXIT_DATA": 65, "EXIT_SOFTWARE": 70, "EXIT_TEMPORARY": 75, "EXIT_CONFIGURATION": 78}

HEADER = """# Errors

Every exception class of the project: one class per meaning, in the lowest package that raises it. Written by
`python -m tests.support.error_classes > docs/errors.md`; a test compares.

The message of an error is the first line of its docstring, then the details, then what to do next. The root
decides who handles it:

| root | handled by | ends a process |
| --- | --- | --- |
| `Poison` | stages, sinks and the resolver: the record becomes a dead letter | no |
| `Transient` | the loop of the process: the same work again, on a new connection | at start, with 75 |
| `Fatal` | nothing: the process exits before it commits | a stage with its exit code or 70, others with 1 |
| `UserError` | the command line: one sentence, and exit code 1 | commands only |

A supervisor restarts after 1, 70 and 75; after 65 and 78 an operator acts first. Classes without one of
these roots are caught in the package that raises them.
"""


COLUMNS = ("| error | base | message | file | exit code |", "| --- | --- | --- | --- | --- |")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorClass:
    """One exception class. `root` is a root error, or the built-in class that it derives from."""

    name: str
    base: str
    message: str
    path: Path
    reason: str | None = None
    exit_code: int | None = None
    root: str = ""


def error_classes(outside: Sequence[str] = OUTSIDE) -> list[ErrorClass]:
    """Return the exception classes of all packages but those outside, sorted by file and line."""
    classes = [
        error
        for file in sorted(project_files(".py"))
        if file.relative_to(ROOT).parts[0] not in outside
        for error in _classes_in(file)
    ]
    bases = {error.name: error.base for error in classes}
    return [replace(error, root=root) for error in classes if (root := _root(error.name, bases)) is not None]


def _classes_in(file: Path) -> Iterator[ErrorClass]:
    text = file.read_text()
    if DERIVED_CLASS.search(text) is None:  # four of five files; to parse all takes 2 s
        return
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ClassDef) or not node.bases:
            continue
        values = {
            target.id: ast.unparse(statement.value)
            for statement in node.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        yield ErrorClass(
            name=node.name,
            base=ast.unparse(node.bases[0]).rpartition(".")[2],
            message=(ast.get_docstring(node) or "").partition("\n")[0],
            path=file.relative_to(ROOT),
            reason=values.get("reason"),
            exit_code=EXIT_CODES.get(values.get("exit_code", "")),
        )


def _root(name: str, bases: Mapping[str, str]) -> str | None:
    """Return the root of a class; None for a class that is no exception."""
    visited: set[str] = set()
    while name not in (*ROOT_ERRORS, *BUILT_IN):
        if name not in bases or name in visited:  # a class may have the name of its base in another module
            return None
        visited.add(name)
        name = bases[name]
    return name


def render(classes: Sequence[ErrorClass]) -> str:
    """Return docs/errors.md."""
    lines = [HEADER]
    for package in sorted({error.path.parts[0] for error in classes}):
        lines += [f"## {package}", "", *COLUMNS]
        for error in classes:
            if error.path.parts[0] == package:
                code = "" if error.exit_code is None else str(error.exit_code)
                cells = (f"`{error.name}`", f"`{error.base}`", error.message, f"`{error.path}`", code)
                lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


if __name__ == "__main__":
    print(render(error_classes()), end="")
