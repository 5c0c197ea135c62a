"""Names and docstrings keep to the words of docs/glossary.md and the style of CONTRIBUTING.md.

UNREVISED lists the packages that the revision has not reached yet. It only shrinks: a revised package is
taken off, here and in the D401 entries of pyproject.toml.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project_files import ROOT, project_files

UNREVISED = (*("tests/integration/resolver/", "tests/unit/stream_processors/resolver/"),)
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


def revised_files() -> list[Path]:
    """Return the files of the packages that the revision has reached."""
    return [
        file for file in project_files(".py") if not file.relative_to(ROOT).as_posix().startswith(UNREVISED)
    ]


def test_revised_packages_keep_to_the_style() -> None:
    files = revised_files()
    assert len(files) > 50
    findings = [
        f"{file.relative_to(ROOT)}: {finding}"
        for file in files
        for finding in module_findings(ast.parse(file.read_text("utf-8")))
    ]
    assert findings == []


def test_every_unrevised_package_exists() -> None:
    assert [folder for folder in UNREVISED if not (ROOT / folder).is_dir()] == []


@pytest.mark.parametrize(
    "text",
    ['def f():\n    """What it returns."""', '"""Whether it is so."""', "PATIENCE = 30.0", "found = []"],
)
def test_each_rule_can_fail(text: str) -> None:
    assert len(list(module_findings(ast.parse(text)))) == 1


def test_standard_words_pass() -> None:
    text = '"""Return the offsets."""\nDELIVERY_TIMEOUT_S = 30.0\ncandidates = [row for row in ()]'
    assert list(module_findings(ast.parse(text))) == []
