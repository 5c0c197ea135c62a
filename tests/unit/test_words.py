"""Names and docstrings keep to the words of docs/glossary.md and the style of CONTRIBUTING.md."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.project_files import ROOT, project_files

#: Docstrings begin in the imperative or with a noun.
OPENINGS = re.compile(r"(What|Whether|Where|How|Who|Which|That|All that)\b")
#: Time limits and sizes without a role or a unit.
CONSTANTS = frozenset(
    {"AT_ONCE", "KEPT", "LONGEST", "LOOK", "MOST", "PATIENCE", "PAUSE", "REST", "SHARE", "SLOW", "TIMEOUT"}
)
#: Locals that do not name their content.
LOCALS = frozenset(
    {"asked", "each", "found", "given", "held", "known", "made", "one", "other", "others", "said", "seen"}
    | {"thing", "things", "told"}
)


def module_findings(tree: ast.Module) -> Iterator[str]:
    """Yield every docstring opening, constant and local of a module that is against the style."""
    fields = {
        id(statement.target)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            opening = OPENINGS.match((ast.get_docstring(node) or "").strip())
            if opening:
                yield f"docstring of {getattr(node, 'name', 'the module')} opens with {opening[0]}"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in fields:
            if node.id in LOCALS:
                yield f"line {node.lineno}: local {node.id}"
            if node.id in CONSTANTS:
                yield f"line {node.lineno}: constant {node.id}"


def test_all_packages_keep_to_the_style() -> None:
    files = project_files(".py")
    assert len(files) > 50
    findings = [
        f"{file.relative_to(ROOT)}: {finding}"
        for file in files
        for finding in module_findings(ast.parse(file.read_text("utf-8")))
    ]
    assert findings == []


@pytest.mark.parametrize(
    "text",
    ['def f():\n    """What it returns."""', '"""Whether it is so."""', "PATIENCE = 30.0", "found = []"],
)
def test_each_rule_can_fail(text: str) -> None:
    assert len(list(module_findings(ast.parse(text)))) == 1


def test_standard_words_pass() -> None:
    text = '"""Return the offsets."""\nDELIVERY_TIMEOUT_S = 30.0\ncandidates = [row for row in ()]'
    assert list(module_findings(ast.parse(text))) == []
