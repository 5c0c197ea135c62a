"""Imports of the whole project have no circle, those inside functions included."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.project_files import ROOT, project_files


def module_name(file: Path, root: Path) -> str:
    """Return the dotted name of a file; a package has the name of its folder."""
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(tree: ast.AST) -> Iterator[tuple[str, ...]]:
    """Yield the candidates of each import, most specific first: "from a import b" is a.b or a name in a."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name,) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.module) for alias in node.names)


def import_graph(root: Path, paths: Iterable[Path]) -> dict[str, set[str]]:
    """Return the modules of these files, each with the modules of them that it imports."""
    files = {module_name(path, root): path for path in paths}
    graph: dict[str, set[str]] = {}
    for module, file in files.items():
        imports = imported_names(ast.parse(file.read_text("utf-8")))
        targets = (next((name for name in names if name in files), None) for names in imports)
        graph[module] = {target for target in targets if target is not None}
    return graph


def import_circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one circle, the first one again at its end; empty when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def test_the_project_has_no_import_circle() -> None:
    graph = import_graph(ROOT, project_files(".py"))
    assert len(graph) > 500
    assert sum(map(len, graph.values())) > 1_500
    assert import_circle(graph) == []


@pytest.mark.parametrize(
    "text",
    ["import package.first", "from package import first", "def late():\n    from package.first import name"],
)
def test_a_circle_is_reported_however_it_is_imported(tmp_path: Path, text: str) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "first.py").write_text("import package.second\n")
    (package / "second.py").write_text(text)
    circle = import_circle(import_graph(tmp_path, package.glob("*.py")))
    assert set(circle) == {"package.first", "package.second"}
