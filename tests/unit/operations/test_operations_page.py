"""The messages, reasons and commands on the operator's page exist in the code."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from songnodes.cli import COMMANDS
from songnodes.errors import Poison, SongNodesError

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text()
PACKAGES = ("songnodes", "enrichment", "producers", "stream_processors", "sinks", "operations", "infra")


def errors(root: type[SongNodesError]) -> Iterator[type[SongNodesError]]:
    """Yield all subclasses of an error class, recursively."""
    for kind in root.__subclasses__():
        yield kind
        yield from errors(kind)


def all_of(root: type[SongNodesError]) -> set[type[SongNodesError]]:
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            if re.search(r"^class \w+\(.*(Poison|Fatal|Transient|UserError)\)", file.read_text(), re.M):
                import_module(
                    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                )
    return set(errors(root))


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """Return the texts in backquotes in the first column of the tables."""
    rows = re.findall(r"^\| (`.+?) \|", text, re.M)
    return [quoted for row in rows for quoted in re.findall(r"`([^`]+)`", row)]


def test_every_quoted_message_is_that_of_an_error_class() -> None:
    messages = {(kind.__doc__ or "").splitlines()[0] for kind in all_of(SongNodesError)}
    quoted = first_cells(section("When a process ends by itself"))
    assert len(quoted) > 10
    assert [text for text in quoted if not any(m.startswith(text) for m in messages)] == []


def test_every_listed_reason_is_that_of_an_error_class() -> None:
    reasons = {kind.reason for kind in all_of(Poison) if issubclass(kind, Poison)}
    quoted = first_cells(section("Dead letters"))
    assert len(quoted) > 10
    assert set(quoted) <= reasons


def test_every_named_command_exists() -> None:
    assert set(re.findall(r"`?songnodes ([a-z]+)", PAGE)) <= COMMANDS.keys()
