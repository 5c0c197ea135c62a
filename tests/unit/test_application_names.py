"""Every connection to PostgreSQL names its process, so that pg_stat_activity tells them apart."""

import ast
from collections.abc import Iterator

from tests.support.project_files import ROOT, project_files

CALLS = {"psycopg.connect", "asyncpg.connect", "asyncpg.create_pool"}
NAME = "application_name"


def connections(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield the calls that open a connection."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CALLS:
            yield node


def is_named(call: ast.Call, constants: dict[str, str]) -> bool:
    """Return whether the name is an argument, or in one: in a dictionary or a variable of the module."""
    for argument in call.keywords:
        names = [node.id for node in ast.walk(argument.value) if isinstance(node, ast.Name)]
        values = (constants.get(name, "") for name in names)
        texts = [argument.arg or "", ast.unparse(argument.value), *values]
        if any(NAME in text for text in texts):
            return True
    return False


def assignments(tree: ast.Module) -> dict[str, str]:
    """Return the expressions that variables are set to."""
    return {
        target.id: ast.unparse(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def test_each_connection_has_an_application_name() -> None:
    call_count = 0
    unnamed: list[str] = []
    for file in project_files(".py"):
        path = file.relative_to(ROOT)
        if path.parts[0] in ("tests", "benchmarks"):
            continue
        tree = ast.parse(file.read_text("utf-8"))
        for call in connections(tree):
            call_count += 1
            if not is_named(call, assignments(tree)):
                unnamed.append(f"{path}:{call.lineno}")
    assert call_count >= 19
    assert not unnamed
