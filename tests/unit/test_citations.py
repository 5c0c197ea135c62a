"""Every document, section and file that code and docs refer to exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "songnodes",
    "producers",
    "stream_processors",
    "sinks",
    "operations",
    "infra",
    "demo",
    "benchmarks",
    "tests",
)
CITED = re.compile(r"docs/([\w-]+\.md)(?:,\s*(?:#\s*|--\s*)?section (\d+))?")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
#: A path in backticks with a folder and an ending: `songnodes/domain/keys/wheel.py`.
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|sql|md|yaml|toml|avsc))`")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "RESULTS.md"])


def citations() -> Iterator[tuple[str, str, str]]:
    """Yield (file, document, section) of all references in code; the section is empty where none is named."""
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in {".py", ".sql"} and file != Path(__file__):
                for document, section in CITED.findall(file.read_text("utf-8")):
                    yield str(file.relative_to(ROOT)), document, section


def test_cited_documents_and_sections_exist() -> None:
    headings = {
        page.name: set(re.findall(r"^#+ (\d+)\.", page.read_text("utf-8"), re.MULTILINE)) for page in PAGES
    }
    cited = list(citations())
    assert len(cited) > 10
    assert [one for one in cited if one[1] not in headings] == []
    assert [one for one in cited if one[2] and one[2] not in headings[one[1]]] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_paths_of_the_docs_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    paths = [path for path in PATH.findall(text) if not (ROOT / path).exists() and "NNN" not in path]
    paths = [path for path in paths if not any(folder.joinpath(path).exists() for folder in places())]
    assert (links, paths) == ([], [])


def places() -> Iterator[Path]:
    """Yield the folders that the docs name paths from, beside the root."""
    for folder in FOLDERS:
        yield ROOT / folder
